// Random integers that are the same everywhere.
#pragma once

#include <bit>
#include <cstdint>

namespace rducc::rdu {

// splitmix64.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  // 0 … count - 1; the bias is below 2^-32 of the counts that a chip has.
  std::uint32_t below(std::uint32_t count) {
    return static_cast<std::uint32_t>(((next() >> 32) * count) >> 32);
  }
  // -log2 of a uniform number of (0, 1], in units of 2^-16; between powers of two by a chord.
  std::uint32_t exponential() {
    const auto bits = static_cast<std::uint32_t>(next() >> 32) | 1u;
    const auto whole = static_cast<std::uint32_t>(std::countl_zero(bits));
    const std::uint32_t fraction = (bits << whole << 1) >> 16;
    return (whole << 16) + 0x10000u - fraction;
  }

 private:
  std::uint64_t state_;
};

}  // namespace rducc::rdu
