// Blocks of 16 channels put together from lanes of two other blocks.
#pragma once

#include "plugins/cpu/simd/loop.hpp"

#if defined(__AVX512F__)
#include <immintrin.h>
#endif

namespace rdu::cpu::RDU_CPU_ISA {
namespace {

void pick_lanes(float* dst, const float* first, const float* second, const int32_t* pick,
                size_t points) {
  constexpr size_t kLanesOfBlock = 16;
#if defined(__AVX512F__)
  const __m512i index = _mm512_loadu_si512(pick);
  const __mmask16 written = _mm512_cmpneq_epi32_mask(index, _mm512_set1_epi32(kKeepLane));
  const __mmask16 taken = _mm512_cmpge_epi32_mask(index, _mm512_setzero_si512());
  for (size_t p = 0; p < points * kLanesOfBlock; p += kLanesOfBlock) {
    const __m512 a = _mm512_loadu_ps(first + p), b = _mm512_loadu_ps(second + p);
    _mm512_mask_storeu_ps(dst + p, written, _mm512_maskz_permutex2var_ps(taken, a, index, b));
  }
#else
  for (size_t l = 0; l < kLanesOfBlock; ++l) {
    if (pick[l] == kKeepLane) continue;
    const size_t lane = static_cast<size_t>(pick[l]) % kLanesOfBlock;
    const float* from = (pick[l] < static_cast<int32_t>(kLanesOfBlock) ? first : second) + lane;
    for (size_t p = 0; p < points; ++p) {
      dst[p * kLanesOfBlock + l] = pick[l] == kZeroLane ? 0.0f : from[p * kLanesOfBlock];
    }
  }
#endif
}

}  // namespace
}  // namespace rdu::cpu::RDU_CPU_ISA
