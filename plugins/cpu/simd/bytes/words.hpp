// Words of 32 bits that small integers are multiplied in: four bytes where the machine multiplies unsigned by signed bytes
// (VNNI), two 16-bit integers elsewhere. Neither saturates.
#pragma once

#include "plugins/cpu/simd/kernels.hpp"
#include "plugins/cpu/simd/loop.hpp"

#if defined(__AVX2__)
#include <immintrin.h>
#endif

namespace rdu::cpu::RDU_CPU_ISA {
namespace {

#if defined(__AVX512VNNI__)
constexpr size_t kGroup = 4;
using Word = int8_t;
#else
constexpr size_t kGroup = 2;
using Word = int16_t;
#endif

#if defined(__AVX512BW__)
constexpr size_t kWidth = 16;
#elif defined(__AVX2__)
constexpr size_t kWidth = 8;
#else
constexpr size_t kWidth = 4;
#endif
typedef int32_t Sums __attribute__((vector_size(kWidth * 4)));

inline __attribute__((always_inline)) Sums load_sums(const int32_t* p) {
  Sums v;
  __builtin_memcpy(&v, p, sizeof v);
  return v;
}

// Not through the address of `sums`, for which compilers would keep whole arrays of them in memory.
inline __attribute__((always_inline)) void store_sums(int32_t* p, Sums sums) {
  typedef int32_t Anywhere __attribute__((vector_size(kWidth * 4), aligned(4), may_alias));
  *reinterpret_cast<Anywhere*>(p) = sums;
}

// acc + the products of a lane's group with the group that all lanes share.
inline __attribute__((always_inline)) Sums meet(Sums acc, Sums lanes, int32_t shared) {
#if defined(__AVX512VNNI__)
  return (Sums)_mm512_dpbusd_epi32((__m512i)acc, (__m512i)lanes, _mm512_set1_epi32(shared));
#elif defined(__AVX512BW__)
  return acc + (Sums)_mm512_madd_epi16((__m512i)lanes, _mm512_set1_epi32(shared));
#elif defined(__AVX2__)
  return acc + (Sums)_mm256_madd_epi16((__m256i)lanes, _mm256_set1_epi32(shared));
#else
  const int32_t low = static_cast<int16_t>(shared), high = shared >> 16;
  return acc + ((lanes << 16) >> 16) * low + (lanes >> 16) * high;
#endif
}

}  // namespace
}  // namespace rdu::cpu::RDU_CPU_ISA
