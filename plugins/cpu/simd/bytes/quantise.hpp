// Floats to bytes in one pass: each step rounds as the vector program that it stands for does.
#pragma once

#include "plugins/cpu/simd/elements/casts.hpp"

namespace rdu::cpu::RDU_CPU_ISA {
namespace {

// saturate(round(x / divisor) + zero point), of which there is one each for all elements; NaN becomes 0, as in a cast.
template <class Byte>
void quantise(void* dst, const void* a, const void* divisors, const void* zero_points, size_t n) {
  auto* d = static_cast<Byte*>(dst);
  const auto* x = static_cast<const float*>(a);
  const float divisor = *static_cast<const float*>(divisors);
  const float zero_point = *static_cast<const float*>(zero_points);
  constexpr auto kLow = static_cast<float>(kMin<Byte>), kHigh = static_cast<float>(kMax<Byte>);
  RDU_VECTORIZE
  for (size_t i = 0; i < n; ++i) {
    const float real = __builtin_rintf(x[i] / divisor) + zero_point;
    float y = real > kLow ? real : kLow;
    y = y < kHigh ? y : kHigh;
    d[i] = static_cast<Byte>(static_cast<int32_t>(y) & (real == real ? -1 : 0));
  }
}

}  // namespace
}  // namespace rdu::cpu::RDU_CPU_ISA
