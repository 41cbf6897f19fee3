// From I32 sums to 8 bits in one pass over them: each step rounds as the vector program that it stands for does.
#pragma once

#include "plugins/cpu/simd/elements/casts.hpp"
#include "plugins/cpu/simd/kernels.hpp"

namespace rdu::cpu::RDU_CPU_ISA {
namespace {

// NaN becomes 0, as in a cast.
template <class Byte>
inline __attribute__((always_inline)) Byte requantised(int32_t sum, int32_t whole_bias, float scale,
                                                       float bias, const Requantisation& q) {
  const float real = static_cast<float>(Add::apply(sum, whole_bias)) * scale + bias;
  float y = real > q.low ? real : q.low;
  y = y < q.high ? y : q.high;
  y = __builtin_rintf(y / q.divisor) + q.zero_point;
  y = y > static_cast<float>(kMin<Byte>) ? y : static_cast<float>(kMin<Byte>);
  y = y < static_cast<float>(kMax<Byte>) ? y : static_cast<float>(kMax<Byte>);
  return static_cast<Byte>(static_cast<int32_t>(y) & (real == real ? -1 : 0));
}

// Parameters are one for all elements, or one each. Locals, since bytes may alias anything.
template <class Byte, bool PerLane>
void requantise(void* dst, const int32_t* sums, size_t n, const Requantisation& parameters) {
  Byte* d = static_cast<Byte*>(dst);
  const Requantisation q = parameters;
  if constexpr (PerLane) {
    RDU_VECTORIZE
    for (size_t i = 0; i < n; ++i) {
      d[i] = requantised<Byte>(sums[i], q.whole_bias[i], q.scale[i], q.bias[i], q);
    }
  } else {
    const int32_t whole_bias = q.whole_bias[0];
    const float scale = q.scale[0], bias = q.bias[0];
    RDU_VECTORIZE
    for (size_t i = 0; i < n; ++i) d[i] = requantised<Byte>(sums[i], whole_bias, scale, bias, q);
  }
}

}  // namespace
}  // namespace rdu::cpu::RDU_CPU_ISA
