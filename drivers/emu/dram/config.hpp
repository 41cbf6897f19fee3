// What a memory is: its timings, its shape, its controller's policy, its clock. README.md gives the rules.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace rdu_hw::dram {

using Cycle = std::int64_t;  // of the chip
using Clock = std::int64_t;  // of the DRAM: a data bus moves two beats a clock

// JEDEC's parameters, in DRAM clocks. _s is for another bank group, _l for the same one; a standard without bank groups
// has both equal. Write recovery (wr, wtr) counts from the end of the write's data.
struct Timing {
  std::int32_t burst_length;  // beats
  std::int32_t cl, cwl;       // column command to the first beat
  std::int32_t rcd, rp, ras, rc;
  std::int32_t rrd_s, rrd_l, faw;
  std::int32_t ccd_s, ccd_l;
  std::int32_t wr, wtr_s, wtr_l, rtp;
  std::int32_t rtw;   // read to write command, any two ranks of a channel
  std::int32_t rtrs;  // idle clocks on the data bus between bursts of two ranks
  std::int32_t rfc, refi;

  constexpr Clock burst() const { return burst_length / 2; }
};

// The fields of an address from most to least significant, each once: ro(w) ra(nk) bg (bank group) ba(nk) co(lumn)
// ch(annel). Held by value, so that a configuration may outlive the text that it was read from.
class FieldOrder {
 public:
  constexpr FieldOrder(std::string_view text) : size_(std::min(text.size(), text_.size())) {
    std::copy_n(text.begin(), size_, text_.begin());
  }
  constexpr FieldOrder(const char* text) : FieldOrder(std::string_view(text)) {}
  constexpr std::string_view text() const { return {text_.data(), size_}; }

 private:
  std::array<char, 16> text_{};  // more than the twelve that are right
  std::size_t size_;
};

struct Geometry {
  std::int32_t channels;
  std::int32_t ranks;      // of a channel
  std::int32_t groups;     // of a rank
  std::int32_t banks;      // of a group
  std::int64_t rows;       // of a bank
  std::int64_t row_bytes;  // over all devices of a rank
  std::int32_t bus_bits;   // of a channel
  FieldOrder map = "rorabacobgch";

  constexpr std::int32_t banks_per_rank() const { return groups * banks; }
  constexpr std::int32_t banks_per_channel() const { return ranks * groups * banks; }
};

// Reads and writes wait in a queue each, per channel, and are served in turns.
struct Policy {
  std::int32_t queue_depth = 32;
  std::int32_t write_high = 24;  // so many queued writes ask for their turn,
  std::int32_t write_low = 8;    // which ends at so many when reads wait
  std::int32_t quantum = 32;     // requests of a turn, before the other direction may ask
  std::int32_t patience = 1024;  // clocks in the queue after which a request is old
};

// DRAM clocks per chip cycle, exactly: clocks/cycles.
struct ClockRatio {
  std::int32_t clocks = 1, cycles = 1;

  // The first clock edge at or after the edge of a chip cycle: when a request reaches the controller.
  constexpr Clock arrival(Cycle c) const { return scale_up(c, clocks, cycles); }
  // The first chip cycle at or after a clock edge: when data or an acknowledgement can be used.
  constexpr Cycle completion(Clock t) const { return scale_up(t, cycles, clocks); }
  // The chip cycle during which a clock edge falls: when a decision is made.
  constexpr Cycle during(Clock t) const {
    return t / clocks * cycles + t % clocks * cycles / clocks;
  }

 private:
  // ceil(x * num / den) without a product that could overflow.
  static constexpr std::int64_t scale_up(std::int64_t x, std::int64_t num, std::int64_t den) {
    return x / den * num + (x % den * num + den - 1) / den;
  }
};

struct Config {
  Timing timing;
  Geometry geometry;
  Policy policy;
  ClockRatio ratio;

  constexpr std::int64_t burst_bytes() const {
    return std::int64_t{geometry.bus_bits} / 8 * timing.burst_length;
  }
  constexpr std::int64_t capacity() const {
    return geometry.channels * geometry.banks_per_channel() * geometry.rows * geometry.row_bytes;
  }
  // Bytes a chip cycle that no schedule can exceed: every clock of every channel moves data.
  constexpr double peak_bytes_per_cycle() const {
    return 2.0 * geometry.bus_bits / 8 * geometry.channels * ratio.clocks / ratio.cycles;
  }
};

// Why a memory cannot be built so, naming the field and its value; empty if it can.
std::string find_fault(const Config& config);

// Chip cycles from the arrival of a read at cycle 0 of a memory that was never used, to its data.
Cycle lone_read_cycles(const Config& config);

}  // namespace rdu_hw::dram
