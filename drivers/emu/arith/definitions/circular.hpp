// Sine, cosine, tangent and their inverses; in binary64 like the exponentials.
#pragma once

#include "drivers/emu/arith/definitions/exponential.hpp"
#include "drivers/emu/arith/definitions/fp32.hpp"

namespace rdu_hw::arith::RDU_HW_ARITH_ISA {
namespace {

// An angle = quadrant · pi/2 + rest, |rest| <= pi/4; of the quadrant only the low two bits count.
struct Angle {
  double rest;
  std::uint64_t quadrant;
};

// From here on the quadrant comes from the digits of 2/pi.
constexpr float kFar = 0x1p23f;

RDU_HW_ARITH_INLINE Angle near_angle(float x) {
  const double wide = x;
  const double shifted = wide * kTwoOverPi + kToInteger;
  const double n = shifted - kToInteger;
  const double rest = ((wide - n * kHalfPiHigh) - n * kHalfPiMiddle) - n * kHalfPiLow;
  return {rest, bits<std::uint64_t>(shifted)};
}

// The 32 bits of 2/pi that begin `skip` places below the bit of weight 2; word 0 begins two places below it.
inline std::uint64_t two_over_pi_bits(unsigned skip) {
  const unsigned word = skip / 32, shift = skip % 32;
  const std::uint64_t before = word == 0 ? 0u : kTwoOverPiWords[word - 1];
  const std::uint64_t at = kTwoOverPiWords[word], next = kTwoOverPiWords[word + 1];
  const std::uint64_t from_word = (before << 32 | at) << shift | next >> (32 - shift);
  return from_word >> 2 & 0xffffffffu;
}

// x = m · 2^e with a 24-bit integer m. Of 2/pi · 2^e the 96 bits from weight 2 down are enough: bits above add multiples
// of four quadrants, bits below come to less than 2^-70 quadrants. Their product with m, modulo 4 and to 62 bits of
// fraction, is the angle in quadrants.
inline Angle far_angle(float x) {
  const Word w = bits<Word>(x);
  const unsigned exponent = w >> 23 & 0xffu;
  if (exponent == 0xff) return {kWideNan, 0};
  const std::uint64_t m = (w & 0x7fffffu) | 0x800000u;
  const unsigned e = exponent - 150u;
  const std::uint64_t high = two_over_pi_bits(e), middle = two_over_pi_bits(e + 32),
                      low = two_over_pi_bits(e + 64);
  const std::uint64_t turns = (m * high << 32) + m * middle + (m * low >> 32);
  const std::uint64_t quadrant = (turns + (std::uint64_t{1} << 61)) >> 62;
  const auto fraction = static_cast<double>(static_cast<std::int64_t>(turns << 2));
  const double rest = fraction * (0x1p-64 * kHalfPi);
  return w >> 31 != 0 ? Angle{-rest, 0 - quadrant} : Angle{rest, quadrant};
}

RDU_HW_ARITH_INLINE double sine(double r) { return r * polynomial(kSine, r * r); }
RDU_HW_ARITH_INLINE double cosine(double r) { return polynomial(kCosine, r * r); }

RDU_HW_ARITH_INLINE float sin_of(Angle a) {
  const double turned = (a.quadrant & 1) != 0 ? cosine(a.rest) : sine(a.rest);
  return static_cast<float>((a.quadrant & 2) != 0 ? -turned : turned);
}
RDU_HW_ARITH_INLINE float cos_of(Angle a) { return sin_of({a.rest, a.quadrant + 1}); }
RDU_HW_ARITH_INLINE float tan_of(Angle a) {
  const double s = sine(a.rest), c = cosine(a.rest);
  const bool odd = (a.quadrant & 1) != 0;
  return static_cast<float>((odd ? -c : s) / (odd ? s : c));
}

inline float sin_f32(float x) {
  return magnitude(x) < kFar ? sin_of(near_angle(x)) : sin_of(far_angle(x));
}
inline float cos_f32(float x) {
  return magnitude(x) < kFar ? cos_of(near_angle(x)) : cos_of(far_angle(x));
}
inline float tan_f32(float x) {
  return magnitude(x) < kFar ? tan_of(near_angle(x)) : tan_of(far_angle(x));
}

// The angle of the point (x, y), by the ratio of its smaller coordinate to its larger one.
RDU_HW_ARITH_INLINE double atan2_wide(double y, double x) {
  const double up = magnitude(y), along = magnitude(x);
  const bool steep = up > along;
  const double small = steep ? along : up, large = steep ? up : along;
  const double divided = small / large;
  const double equal = small == large ? 1.0 : divided;
  const double q = large == 0 ? 0.0 : equal;
  const double eighth = q * polynomial(kArctan, q * q);
  const double quarter = steep ? kHalfPi - eighth : eighth;
  const bool backwards = with_sign(1.0, x) < 0;
  const double angle = with_sign(backwards ? kPi - quarter : quarter, y);
  return either_nan(x, y) ? kWideNan : angle;
}

RDU_HW_ARITH_INLINE float atan2_f32(float y, float x) {
  return static_cast<float>(atan2_wide(y, x));
}
RDU_HW_ARITH_INLINE float atan_f32(float x) { return static_cast<float>(atan2_wide(x, 1.0)); }

// The other side of a right triangle with hypotenuse 1; beyond it, a NaN.
RDU_HW_ARITH_INLINE double other_side(double x) { return __builtin_sqrt((1.0 - x) * (1.0 + x)); }
RDU_HW_ARITH_INLINE float asin_f32(float x) {
  return static_cast<float>(atan2_wide(x, other_side(x)));
}
RDU_HW_ARITH_INLINE float acos_f32(float x) {
  return static_cast<float>(atan2_wide(other_side(x), x));
}

// The integral of the bell curve: an odd polynomial up to 4, where it has become 1.
RDU_HW_ARITH_INLINE float erf_f32(float x) {
  const double m = at_most(magnitude(static_cast<double>(x)), 4.0);
  const double value = m * polynomial(kErf, m * m * 0.125 - 1.0);
  return static_cast<float>(with_sign(value, static_cast<double>(x)));
}

}  // namespace
}  // namespace rdu_hw::arith::RDU_HW_ARITH_ISA
