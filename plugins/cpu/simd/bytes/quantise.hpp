// Floats to bytes in one pass: each step rounds as the vector program that it stands for does.
#pragma once

#include "plugins/cpu/simd/elements/casts.hpp"
#include "plugins/cpu/simd/floats16.hpp"

namespace rdu::cpu::RDU_CPU_ISA {
namespace {

#if defined(__AVX512F__)

template <class Byte>
RDU_INLINE void quantise_block(Byte* to, const float* from, float divisor, float zero_point) {
  constexpr auto kLow = static_cast<float>(kMin<Byte>), kHigh = static_cast<float>(kMax<Byte>);
  const __m512 quotient = _mm512_div_ps(_mm512_loadu_ps(from), _mm512_set1_ps(divisor));
  const __m512 whole =
      _mm512_maskz_roundscale_ps(kAll, quotient, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  const __m512 y = _mm512_add_ps(whole, _mm512_set1_ps(zero_point));
  const __m512 bounded = _mm512_maskz_min_ps(
      kAll, _mm512_maskz_max_ps(kAll, y, _mm512_set1_ps(kLow)), _mm512_set1_ps(kHigh));
  const __m512i bytes = _mm512_maskz_cvttps_epi32(_mm512_cmp_ps_mask(y, y, _CMP_ORD_Q), bounded);
  _mm512_mask_cvtepi32_storeu_epi8(to, kAll, bytes);
}

#endif

// saturate(round(x / divisor) + zero point), of which there is one each for all elements; NaN becomes 0, as in a cast.
template <class Byte>
void quantise(void* dst, const void* a, const void* divisors, const void* zero_points, size_t n) {
  auto* d = static_cast<Byte*>(dst);
  const auto* x = static_cast<const float*>(a);
  const float divisor = *static_cast<const float*>(divisors);
  const float zero_point = *static_cast<const float*>(zero_points);
  constexpr auto kLow = static_cast<float>(kMin<Byte>), kHigh = static_cast<float>(kMax<Byte>);
  size_t i = 0;
#if defined(__AVX512F__)
  for (; i + 16 <= n; i += 16) quantise_block<Byte>(d + i, x + i, divisor, zero_point);
#endif
  RDU_VECTORIZE
  for (; i < n; ++i) {
    const float real = __builtin_rintf(x[i] / divisor) + zero_point;
    float y = real > kLow ? real : kLow;
    y = y < kHigh ? y : kHigh;
    d[i] = static_cast<Byte>(static_cast<int32_t>(y) & (real == real ? -1 : 0));
  }
}

}  // namespace
}  // namespace rdu::cpu::RDU_CPU_ISA
