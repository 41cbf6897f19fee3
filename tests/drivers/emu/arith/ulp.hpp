// How far a result is from the exact one, in units of the last place.
#pragma once

#include <algorithm>
#include <cmath>

#include "tests/drivers/emu/arith/words.hpp"

namespace rdu_hw::arith {

// The distance of two neighbours of binary32 at x; beyond the largest, as if the exponents went on.
inline double ulp_at(double x) { return std::ldexp(1.0, std::max(std::ilogb(x) - 23, -149)); }

// What the result is off by. A wrong special value is off by infinity.
inline double error_ulp(Word got, double exact) {
  const double value = fp32(got);
  if (std::isnan(exact)) return got == kNanWord ? 0 : INFINITY;
  if (std::isinf(exact) || exact == 0) {
    return value == exact && std::signbit(value) == std::signbit(exact) ? 0 : INFINITY;
  }
  if (std::signbit(value) != std::signbit(exact)) return INFINITY;
  constexpr double kFirstBeyond = 0x1p128;
  const double seen = std::isinf(value) ? std::copysign(kFirstBeyond, value) : value;
  const double reached = std::abs(exact) > kFirstBeyond && std::isinf(value) ? seen : exact;
  return std::abs(seen - reached) / ulp_at(reached);
}

}  // namespace rdu_hw::arith
