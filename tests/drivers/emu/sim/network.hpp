// A network as plain data, from which both models are built, and what each must say of it.
#pragma once

#include <cstdint>
#include <vector>

#include "drivers/emu/sim/time.hpp"
#include "tests/drivers/emu/sim/random.hpp"

namespace sim_test {

using rdu_hw::sim::Time;

struct ChannelPlan {
  int writer, reader;
  std::int64_t writer_period, reader_period;
  std::int64_t depth;
  Time latency, credit_latency;
  bool room_at_first = false;  // of the writer's firings that share an element
  std::int64_t tokens = 0;
  Time tokens_at = 0;
};

struct UnitPlan {
  std::int64_t firings;
  Time interval;
  Time start;
  bool multicast = false;  // outputs of equal period share their storage
};

// A unit's ports: its inputs in the order of channels, then its outputs.
struct Network {
  std::vector<UnitPlan> units;
  std::vector<ChannelPlan> channels;

  std::vector<int> ports(int unit) const;
  bool is_input(int unit, int port) const;
};

// Of every unit: when it fired, for which port it waited how long, and a digest of all values that it saw.
struct Observed {
  std::vector<Time> times;
  std::vector<Time> waited;
  std::uint64_t digest = 0;
  friend bool operator==(const Observed&, const Observed&) = default;
};
using Observations = std::vector<Observed>;

// The value that a unit has after a firing; it sends it where an output is due.
inline std::uint64_t mixed(std::uint64_t state, std::uint64_t input) {
  return (state ^ input) * 0x9E3779B97F4A7C15u + 0x632BE59BD9B4E019u;
}

// A few units with forward channels, reconvergent paths, perhaps cycles, at rates that mostly match.
Network random_network(Random& random);

// Ticks every unit in every cycle.
Observations run_naive(const Network& network);

// How the simulator is to be driven; none of it may matter.
struct Manner {
  std::int64_t granularity;    // greatest block; with random cuts below it where shuffled
  std::uint64_t shuffle_seed;  // 0: first come, first served
  bool values;                 // or times only
};
Observations run_simulated(const Network& network, Manner manner);

}  // namespace sim_test
