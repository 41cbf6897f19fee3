// Sixteen floats at once, whole or the first few of them: one register where the machine has it, a short loop elsewhere.
#pragma once

#include "plugins/cpu/simd/elements/math_f32.hpp"

#if defined(__AVX512F__)
#include <immintrin.h>
#endif

namespace rdu::cpu::RDU_CPU_ISA {
namespace {

#define RDU_INLINE inline __attribute__((always_inline))

#if defined(__AVX512F__)

using Floats = __m512;

// The forms without a mask warn of a register that they leave undefined on purpose.
constexpr __mmask16 kAll = 0xffff;

RDU_INLINE __mmask16 first_lanes(size_t n) { return static_cast<__mmask16>((1u << n) - 1u); }

RDU_INLINE Floats all_floats(float x) { return _mm512_set1_ps(x); }
RDU_INLINE Floats load_floats(const float* p) { return _mm512_loadu_ps(p); }
RDU_INLINE Floats load_floats(const float* p, size_t n, Floats rest) {
  return _mm512_mask_loadu_ps(rest, first_lanes(n), p);
}
RDU_INLINE void store_floats(float* p, Floats x) { _mm512_storeu_ps(p, x); }
RDU_INLINE void store_floats(float* p, Floats x, size_t n) {
  _mm512_mask_storeu_ps(p, first_lanes(n), x);
}
RDU_INLINE Floats plus(Floats a, Floats b) { return _mm512_add_ps(a, b); }
RDU_INLINE Floats minus(Floats a, Floats b) { return _mm512_sub_ps(a, b); }
RDU_INLINE Floats times(Floats a, Floats b) { return _mm512_mul_ps(a, b); }
RDU_INLINE Floats over(Floats a, Floats b) { return _mm512_div_ps(a, b); }
// a * b + c, rounded as mad is.
RDU_INLINE Floats fused(Floats a, Floats b, Floats c) { return _mm512_fmadd_ps(a, b, c); }
// A NaN of either wins.
RDU_INLINE Floats greater(Floats a, Floats b) {
  const __mmask16 nan = _mm512_cmp_ps_mask(a, a, _CMP_UNORD_Q);
  return _mm512_mask_mov_ps(_mm512_maskz_max_ps(kAll, a, b), nan, a);
}
RDU_INLINE Floats lesser(Floats a, Floats b) {
  const __mmask16 nan = _mm512_cmp_ps_mask(a, a, _CMP_UNORD_Q);
  return _mm512_mask_mov_ps(_mm512_maskz_min_ps(kAll, a, b), nan, a);
}

RDU_INLINE Floats exp_floats(Floats x) {
  const Floats high = all_floats(89.0f), low = all_floats(-104.0f);
  const Floats c = _mm512_maskz_max_ps(kAll, low, _mm512_maskz_min_ps(kAll, high, x));
  const Floats n = _mm512_maskz_roundscale_ps(kAll, _mm512_mul_ps(c, all_floats(1.44269504f)),
                                              _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  Floats r = _mm512_fnmadd_ps(n, all_floats(0.693359375f), c);
  r = _mm512_fnmadd_ps(n, all_floats(-2.12194440e-4f), r);
  Floats p = all_floats(1.395171725e-03f);
  p = _mm512_fmadd_ps(p, r, all_floats(8.369598410e-03f));
  p = _mm512_fmadd_ps(p, r, all_floats(4.166618728e-02f));
  p = _mm512_fmadd_ps(p, r, all_floats(1.666651289e-01f));
  p = _mm512_fmadd_ps(p, r, all_floats(5.000000101e-01f));
  const Floats y = _mm512_add_ps(_mm512_fmadd_ps(_mm512_mul_ps(r, r), p, r), all_floats(1.0f));
  return _mm512_maskz_scalef_ps(kAll, y, n);
}

// Lane l meets lane l + 8, then l + 4, l + 2, l + 1.
RDU_INLINE float sum_of_floats(Floats x) {
  const __m256 a = _mm256_add_ps(_mm512_maskz_extractf32x8_ps(0xff, x, 0),
                                 _mm512_maskz_extractf32x8_ps(0xff, x, 1));
  const __m128 b = _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
  const __m128 c = _mm_add_ps(b, _mm_movehl_ps(b, b));
  return _mm_cvtss_f32(_mm_add_ss(c, _mm_movehdup_ps(c)));
}

#else

struct Floats {
  float lane[16];
};

template <class F>
RDU_INLINE Floats by_lane(F f) {
  Floats r;
  RDU_VECTORIZE
  for (size_t l = 0; l < 16; ++l) r.lane[l] = f(l);
  return r;
}

RDU_INLINE Floats all_floats(float x) {
  return by_lane([&](size_t) { return x; });
}
RDU_INLINE Floats load_floats(const float* p) {
  Floats r;
  __builtin_memcpy(&r, p, sizeof r);
  return r;
}
RDU_INLINE Floats load_floats(const float* p, size_t n, Floats rest) {
  for (size_t l = 0; l < n; ++l) rest.lane[l] = p[l];
  return rest;
}
RDU_INLINE void store_floats(float* p, Floats x) { __builtin_memcpy(p, &x, sizeof x); }
RDU_INLINE void store_floats(float* p, Floats x, size_t n) {
  for (size_t l = 0; l < n; ++l) p[l] = x.lane[l];
}
RDU_INLINE Floats plus(const Floats& a, const Floats& b) {
  return by_lane([&](size_t l) { return a.lane[l] + b.lane[l]; });
}
RDU_INLINE Floats minus(const Floats& a, const Floats& b) {
  return by_lane([&](size_t l) { return a.lane[l] - b.lane[l]; });
}
RDU_INLINE Floats times(const Floats& a, const Floats& b) {
  return by_lane([&](size_t l) { return a.lane[l] * b.lane[l]; });
}
RDU_INLINE Floats over(const Floats& a, const Floats& b) {
  return by_lane([&](size_t l) { return a.lane[l] / b.lane[l]; });
}
RDU_INLINE Floats fused(const Floats& a, const Floats& b, const Floats& c) {
  return by_lane([&](size_t l) { return mad(a.lane[l], b.lane[l], c.lane[l]); });
}
RDU_INLINE Floats greater(const Floats& a, const Floats& b) {
  return by_lane([&](size_t l) {
    return (a.lane[l] > b.lane[l]) | (a.lane[l] != a.lane[l]) ? a.lane[l] : b.lane[l];
  });
}
RDU_INLINE Floats lesser(const Floats& a, const Floats& b) {
  return by_lane([&](size_t l) {
    return (a.lane[l] < b.lane[l]) | (a.lane[l] != a.lane[l]) ? a.lane[l] : b.lane[l];
  });
}
RDU_INLINE Floats exp_floats(const Floats& x) {
  return by_lane([&](size_t l) { return exp_f32(x.lane[l]); });
}
RDU_INLINE float sum_of_floats(Floats x) {
  for (size_t half = 8; half != 0; half /= 2)
    for (size_t l = 0; l < half; ++l) x.lane[l] += x.lane[l + half];
  return x.lane[0];
}

#endif

}  // namespace
}  // namespace rdu::cpu::RDU_CPU_ISA
