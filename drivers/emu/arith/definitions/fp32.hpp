// IEEE 754 binary32: the operations that round once, those that are exact, and the comparisons.
#pragma once

#include "drivers/emu/arith/definitions/bits.hpp"

namespace rdu_hw::arith::RDU_HW_ARITH_ISA {
namespace {

RDU_HW_ARITH_INLINE float add_f32(float a, float b) { return a + b; }
RDU_HW_ARITH_INLINE float sub_f32(float a, float b) { return a - b; }
RDU_HW_ARITH_INLINE float mul_f32(float a, float b) { return a * b; }
RDU_HW_ARITH_INLINE float div_f32(float a, float b) { return a / b; }
RDU_HW_ARITH_INLINE float rcp_f32(float a) { return 1.0f / a; }
RDU_HW_ARITH_INLINE float sqrt_f32(float a) { return __builtin_sqrtf(a); }

// a · b + c, rounded once. Without an instruction for it: the product is exact in binary64; the sum is rounded to odd
// there, so that rounding it again to binary32 (29 bits shorter) is as if there had been one rounding.
RDU_HW_ARITH_INLINE float fma_f32(float a, float b, float c) {
#if defined(__FMA__) || defined(__FP_FAST_FMAF)
  return __builtin_fmaf(a, b, c);
#else
  const double product = static_cast<double>(a) * static_cast<double>(b), addend = c;
  const double sum = product + addend;
  const double addend_seen = sum - product;
  const double error = (product - (sum - addend_seen)) + (addend - addend_seen);
  const bool inexact = (error < 0) | (error > 0);  // a NaN, of infinities, is neither
  const bool beyond = (error > 0) == (sum > 0);
  const std::uint64_t at = bits<std::uint64_t>(sum);
  const std::uint64_t odd = beyond ? at | 1 : at - (~at & 1);
  return static_cast<float>(bits<double>(inexact ? odd : at));
#endif
}

template <class T>
RDU_HW_ARITH_INLINE bool either_nan(T a, T b) {
  return (a != a) | (b != b);
}

// -0 is below +0; a NaN on either side is the result.
RDU_HW_ARITH_INLINE float min_f32(float a, float b) {
  const float equal = bits<float>(bits<Word>(a) | bits<Word>(b));
  const float least = a < b ? a : (b < a ? b : equal);
  return either_nan(a, b) ? kNan : least;
}
RDU_HW_ARITH_INLINE float max_f32(float a, float b) {
  const float equal = bits<float>(bits<Word>(a) & bits<Word>(b));
  const float greatest = a > b ? a : (b > a ? b : equal);
  return either_nan(a, b) ? kNan : greatest;
}

RDU_HW_ARITH_INLINE float neg_f32(float a) { return -a; }
RDU_HW_ARITH_INLINE float abs_f32(float a) { return magnitude(a); }
RDU_HW_ARITH_INLINE float sign_f32(float a) {
  const float sign = a > 0 ? 1.0f : (a < 0 ? -1.0f : 0.0f);
  return a != a ? kNan : sign;
}

// Floats from 2^23 on are integers. Below, adding 2^23 leaves no room for a fraction: to nearest, ties to even.
RDU_HW_ARITH_INLINE float round_f32(float a) {
  constexpr float kWhole = 0x1p23f;
  const float m = magnitude(a);
  return with_sign(m < kWhole ? (m + kWhole) - kWhole : a, a);
}
RDU_HW_ARITH_INLINE float trunc_f32(float a) {
  const float nearest = magnitude(round_f32(a));
  return with_sign(nearest > magnitude(a) ? nearest - 1.0f : nearest, a);
}
RDU_HW_ARITH_INLINE float floor_f32(float a) {
  const float nearest = round_f32(a);
  return with_sign(nearest > a ? nearest - 1.0f : nearest, a);
}
RDU_HW_ARITH_INLINE float ceil_f32(float a) {
  const float nearest = round_f32(a);
  return with_sign(nearest < a ? nearest + 1.0f : nearest, a);
}

RDU_HW_ARITH_INLINE Word eq_f32(float a, float b) { return a == b; }
RDU_HW_ARITH_INLINE Word ne_f32(float a, float b) { return a != b; }
RDU_HW_ARITH_INLINE Word lt_f32(float a, float b) { return a < b; }
RDU_HW_ARITH_INLINE Word le_f32(float a, float b) { return a <= b; }
RDU_HW_ARITH_INLINE Word gt_f32(float a, float b) { return a > b; }
RDU_HW_ARITH_INLINE Word ge_f32(float a, float b) { return a >= b; }
RDU_HW_ARITH_INLINE Word is_nan_f32(float a) { return a != a; }

// Bit 0 of `signs` asks for +infinity, bit 1 for -infinity.
RDU_HW_ARITH_INLINE Word is_inf_f32(float a, Word signs) {
  const Word positive = a == kInfinity, negative = a == -kInfinity;
  return (positive & signs) | (negative & (signs >> 1));
}

}  // namespace
}  // namespace rdu_hw::arith::RDU_HW_ARITH_ISA
