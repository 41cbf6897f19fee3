// Integer division as index expressions mean it.
#pragma once

#include <cstdint>

namespace rdu::cpu {

// Divisors are positive.
inline std::int64_t floor_div(std::int64_t a, std::int64_t b) {
  const std::int64_t q = a / b;
  return a % b < 0 ? q - 1 : q;
}

inline std::int64_t floor_mod(std::int64_t a, std::int64_t b) {
  const std::int64_t r = a % b;
  return r < 0 ? r + b : r;
}

inline std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return -floor_div(-a, b); }

// Mirrors a position into [0, extent), the edge not repeated.
inline std::int64_t reflect(std::int64_t p, std::int64_t extent) {
  if (extent <= 1) return 0;
  const std::int64_t period = 2 * (extent - 1);
  const std::int64_t q = floor_mod(p, period);
  return q < extent ? q : period - q;
}

inline std::uint64_t align_up(std::uint64_t bytes, std::uint64_t alignment) {
  return (bytes + alignment - 1) / alignment * alignment;
}

}  // namespace rdu::cpu
