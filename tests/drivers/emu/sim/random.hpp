// Seeded random numbers for tests, the same on every machine.
#pragma once

#include <cstdint>
#include <random>

namespace sim_test {

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  // Uniform enough in [low, high].
  std::int64_t in(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(engine_() % static_cast<std::uint64_t>(high - low + 1));
  }
  bool chance(int percent) { return in(1, 100) <= percent; }

 private:
  std::mt19937_64 engine_;
};

}  // namespace sim_test
