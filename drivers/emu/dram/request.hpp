// What goes in and out of a memory.
#pragma once

#include <cstdint>

#include "drivers/emu/dram/config.hpp"

namespace rdu_hw::dram {

enum class Direction : std::uint8_t { kRead, kWrite };

// One burst. Requests are served as if submitted in order of (time, requester, id), which is unique to each.
struct Request {
  std::uint64_t id;
  std::uint32_t requester;
  Direction direction;
  Cycle time;             // when it reaches the controller
  std::uint64_t address;  // any byte of the burst; the capacity is a modulus
};

// `time` is when a read's last beat, or a write's acknowledgement, is there.
struct Completion {
  std::uint64_t id;
  std::uint32_t requester;
  Direction direction;
  Cycle time;
};

enum class CommandKind : std::uint8_t { kActivate, kRead, kWrite, kPrecharge, kRefresh };

// One command on a channel's bus, for whoever checks or draws them. A refresh names its rank's first bank.
struct Command {
  Clock clock;
  std::int32_t channel;
  std::int32_t bank;  // of the channel: (rank * groups + group) * banks + bank
  CommandKind kind;
  std::int64_t row;  // of an activate or a column command
  friend bool operator==(const Command&, const Command&) = default;
};

struct Statistics {
  std::int64_t reads = 0, writes = 0;
  // What a request found: its row open, no row open, another row open.
  std::int64_t row_hits = 0, row_misses = 0, row_conflicts = 0;
  std::int64_t activates = 0, precharges = 0, refreshes = 0;
  Clock busy_clocks = 0;          // of the data bus
  Clock last_data = 0;            // end of the latest burst
  std::int64_t read_latency = 0;  // chip cycles, summed over reads
  std::int64_t write_latency = 0;

  std::int64_t bytes(const Config& config) const { return (reads + writes) * config.burst_bytes(); }
  // Bytes a chip cycle from time 0 to the end of the latest burst.
  double bandwidth(const Config& config) const;
  Statistics& operator+=(const Statistics& other);
  // What happened since `earlier`; last_data stays.
  Statistics operator-(const Statistics& earlier) const;
};

}  // namespace rdu_hw::dram
