// Bytes by a table of 256 of them.
#pragma once

#include "plugins/cpu/simd/loop.hpp"

#if defined(__AVX512BW__)
#include <immintrin.h>
#endif

namespace rdu::cpu::RDU_CPU_ISA {
namespace {

inline void look_up_singly(uint8_t* to, const uint8_t* bytes, const uint8_t* table, size_t n) {
  for (size_t i = 0; i < n; ++i) to[i] = table[bytes[i]];
}

#if defined(__AVX512BW__)

// Two halves of the table, chosen by the highest bit.
__attribute__((target("avx512f,avx512bw,avx512vbmi"))) void look_up_permuted(uint8_t* to,
                                                                             const uint8_t* bytes,
                                                                             const uint8_t* table,
                                                                             size_t n) {
  const __m512i a = _mm512_loadu_si512(table), b = _mm512_loadu_si512(table + 64);
  const __m512i c = _mm512_loadu_si512(table + 128), d = _mm512_loadu_si512(table + 192);
  for (size_t i = 0; i < n; i += 64) {
    const __mmask64 some = n - i < 64 ? (__mmask64{1} << (n - i)) - 1 : ~__mmask64{0};
    const __m512i x = _mm512_maskz_loadu_epi8(some, bytes + i);
    const __m512i low = _mm512_permutex2var_epi8(a, x, b), high = _mm512_permutex2var_epi8(c, x, d);
    _mm512_mask_storeu_epi8(to + i, some,
                            _mm512_mask_blend_epi8(_mm512_movepi8_mask(x), low, high));
  }
}

#endif

void look_up(void* to, const void* bytes, const uint8_t* table, size_t n) {
  auto* d = static_cast<uint8_t*>(to);
  const auto* s = static_cast<const uint8_t*>(bytes);
#if defined(__AVX512BW__)
  if (__builtin_cpu_supports("avx512vbmi")) return look_up_permuted(d, s, table, n);
#endif
  look_up_singly(d, s, table, n);
}

}  // namespace
}  // namespace rdu::cpu::RDU_CPU_ISA
