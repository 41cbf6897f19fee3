// The external memory: bytes, and the clocks of every channel.
#pragma once

#include <rdu_hw/arch.h>

#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "tests/drivers/emu/dram/ticking.hpp"
#include "tests/drivers/emu/naive/channel.hpp"

namespace naive {

inline constexpr Time kNever = std::numeric_limits<Time>::max();

// One request of an AGCU.
struct Burst {
  struct Piece {
    std::uint64_t address;
    std::uint8_t byte;
  };
  std::uint64_t number = 0;  // address / bytes of a burst
  bool writes = false;
  std::vector<std::uint8_t> bytes;  // what was read
  std::vector<Piece> pieces;        // what is written, in order
  Time there = kNever;              // when data or acknowledgement are back
};
using BurstRef = std::shared_ptr<Burst>;

class Tier {
 public:
  Tier(const rdu_hw_arch& arch, const rdu_hw_dram& figures);

  std::uint64_t burst_bytes() const { return burst_bytes_; }
  // `time`: when it reaches the controller.
  void submit(const BurstRef& burst, Time time, std::uint32_t requester, std::uint64_t id);
  void tick(Time now);
  bool idle() const { return under_way_.empty(); }

  std::vector<std::uint8_t> bytes;  // from address 0 on; beyond there are zeros

 private:
  struct Spot {
    int channel;
    int bank;
    std::int64_t row;
  };
  struct UnderWay {
    std::uint32_t requester;
    std::uint64_t id;
    Time time;
    BurstRef burst;
  };

  Spot spot(std::uint64_t burst) const;
  void serve(const dram_test::Request& request, Time clock);
  void move_bytes(Burst& burst);

  const rdu_hw_dram& figures_;
  std::uint64_t burst_bytes_;
  std::int64_t clocks_, cycles_;  // that take equally long
  Time dram_cycles_;
  Time clock_ = 0;  // the next one
  std::vector<dram_test::TickingChannel> channels_;
  std::vector<UnderWay> under_way_;
};

class Memory {
 public:
  explicit Memory(const rdu_hw_arch& arch);

  Tier& tier(std::uint32_t number) { return *tiers_[number]; }
  bool has(std::uint32_t number) const { return tiers_[number] != nullptr; }
  // All clocks of the cycle.
  void tick(Time now);
  bool idle() const;

 private:
  std::unique_ptr<Tier> tiers_[2];
};

}  // namespace naive
