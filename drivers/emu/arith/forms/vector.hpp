// A host vector of systolic elements: fp32 or int32.
#pragma once

#include "drivers/emu/arith/definitions/systolic.hpp"

#if defined(__AVX2__)
#include <immintrin.h>
#endif

namespace rdu_hw::arith::RDU_HW_ARITH_ISA {
namespace {

#if defined(__AVX512F__)
constexpr std::size_t kWidth = 16;
#elif defined(__AVX2__)
constexpr std::size_t kWidth = 8;
#else
constexpr std::size_t kWidth = 4;
#endif

template <class T>
struct VectorOf {
  typedef T Type __attribute__((vector_size(kWidth * sizeof(T))));
};
using Floats = VectorOf<float>::Type;
using Words = VectorOf<Word>::Type;

template <class Vector, class T>
RDU_HW_ARITH_INLINE Vector load(const T* from) {
  Vector v;
  __builtin_memcpy(&v, from, sizeof v);
  return v;
}

// kWidth operands as stored, widened; bytes in two steps, since GCC has no instruction in mind for a fourfold width.
RDU_HW_ARITH_INLINE Floats widened(Fp32, const float* from) { return load<Floats>(from); }
RDU_HW_ARITH_INLINE Floats widened(Bf16, const std::uint16_t* from) {
  const auto halves = load<VectorOf<std::uint16_t>::Type>(from);
  return bits<Floats>(__builtin_convertvector(halves, Words) << 16);
}
template <class T>
RDU_HW_ARITH_INLINE Words widened(Integer<T>, const T* from) {
  const auto stored = load<typename VectorOf<T>::Type>(from);
  if constexpr (sizeof(T) == 1) {
    const auto halves = __builtin_convertvector(stored, VectorOf<std::int16_t>::Type);
    return bits<Words>(__builtin_convertvector(halves, VectorOf<std::int32_t>::Type));
  } else {
    return bits<Words>(stored);
  }
}

RDU_HW_ARITH_INLINE Words step(Words sum, Word a, Words b) { return a * b + sum; }

#if defined(__AVX512F__)
RDU_HW_ARITH_INLINE Floats step(Floats sum, float a, Floats b) {
  return _mm512_fmadd_ps(_mm512_set1_ps(a), b, sum);
}
#elif defined(__AVX2__)
RDU_HW_ARITH_INLINE Floats step(Floats sum, float a, Floats b) {
  return _mm256_fmadd_ps(_mm256_set1_ps(a), b, sum);
}
#else
RDU_HW_ARITH_INLINE Floats step(Floats sum, float a, Floats b) {
  Floats next;
  for (std::size_t l = 0; l < kWidth; ++l) next[l] = systolic_step(sum[l], a, b[l]);
  return next;
}
#endif

}  // namespace
}  // namespace rdu_hw::arith::RDU_HW_ARITH_ISA
