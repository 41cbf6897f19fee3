// What several units share and must be served in order of time: a memory, a bus.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>

#include "drivers/emu/sim/time.hpp"

namespace rdu_hw::sim {

// When something is served, and who comes first among equals.
struct Turn {
  Time time;
  std::int64_t id;
  friend auto operator<=>(const Turn&, const Turn&) = default;
};

// The schedule asks when every unit is blocked, and serves the least turn of all arbiters. Whatever a unit still asks for is
// then caused by something served, hence later than that turn: to serve it is safe. For this to hold, what serve() sends is
// sent later than its turn's time, or at that time to units whose requests follow in a later cycle.
class Arbiter {
 public:
  virtual ~Arbiter() = default;
  // The earliest turn among pending requests, if there are any.
  virtual std::optional<Turn> next() const = 0;
  // Serves what next() named.
  virtual void serve() = 0;
};

}  // namespace rdu_hw::sim
