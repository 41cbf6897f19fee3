// Functions made of e^x and ln x. All of them compute in binary64, every operation rounded by itself (none is fused), and
// round the result to binary32 once, at the end.
#pragma once

#include "drivers/emu/arith/definitions/coefficients.hpp"

namespace rdu_hw::arith::RDU_HW_ARITH_ISA {
namespace {

// Adding it to a number below 2^51 rounds to an integer, which is then in the low bits.
constexpr double kToInteger = 0x1.8p+52;

// Both keep a NaN.
RDU_HW_ARITH_INLINE double at_most(double x, double limit) { return x > limit ? limit : x; }
RDU_HW_ARITH_INLINE double at_least(double x, double limit) { return x < limit ? limit : x; }

// x = n ln 2 + r: r (e^r - 1)/r, and 2^n.
struct PowerOfE {
  double less_one;
  double scale;
};
RDU_HW_ARITH_INLINE PowerOfE power_of_e(double x) {
  const double shifted = x * kLog2e + kToInteger;
  const double n = shifted - kToInteger;
  const double r = x - n * kLn2;
  const std::uint64_t exponent = bits<std::uint64_t>(shifted) << 52;
  return {r * polynomial(kExpm1, r), bits<double>(exponent + (std::uint64_t{1023} << 52))};
}

// For |x| <= 104.
RDU_HW_ARITH_INLINE double exp_wide(double x) {
  const PowerOfE p = power_of_e(x);
  return p.scale * (p.less_one + 1.0);
}
RDU_HW_ARITH_INLINE double expm1_wide(double x) {
  const PowerOfE p = power_of_e(x);
  return p.scale * p.less_one + (p.scale - 1.0);
}

// x = 2^exponent · mantissa with sqrt(1/2) <= mantissa < sqrt(2), for a normal positive x.
struct Split {
  double exponent;
  double mantissa;
};
RDU_HW_ARITH_INLINE Split split(double x) {
  constexpr std::uint64_t kSqrtHalf = 0x3fe6a09e667f3bcdu, kBias = 1024;
  const std::uint64_t at = bits<std::uint64_t>(x);
  const std::uint64_t biased = (at - kSqrtHalf + (kBias << 52)) >> 52;
  const double exponent = bits<double>(bits<std::uint64_t>(0x1p52) | biased) - (0x1p52 + kBias);
  return {exponent, bits<double>(at - ((biased - kBias) << 52))};
}

// exponent · ln 2 + ln((1 + s) / (1 - s))
RDU_HW_ARITH_INLINE double log_of(double exponent, double s) {
  return exponent * kLn2 + (s + s) * polynomial(kArtanh, s * s);
}

// Of what is not negative: of 0 it is -infinity.
RDU_HW_ARITH_INLINE double log_wide(double x) {
  const Split p = split(x);
  const double finite = log_of(p.exponent, (p.mantissa - 1.0) / (p.mantissa + 1.0));
  const double positive = x < kWideInfinity ? finite : x;
  return x == 0 ? -kWideInfinity : positive;
}

// ln(1 + y) of what is not negative. A small y is its own mantissa less one: 1 + y would lose its end.
RDU_HW_ARITH_INLINE double log1p_wide(double y) {
  const bool small = y < 0.375;
  const Split p = split(1.0 + y);
  const double above = small ? y : p.mantissa - 1.0;
  const double below = small ? y + 2.0 : p.mantissa + 1.0;
  const double finite = log_of(small ? 0.0 : p.exponent, above / below);
  return y < kWideInfinity ? finite : y;
}

// Beyond these limits results round to 0, 1 or infinity: 2^-150 and 2^128 are passed.
RDU_HW_ARITH_INLINE double limited(double x) { return at_least(at_most(x, 89.0), -104.0); }

RDU_HW_ARITH_INLINE float exp_f32(float x) { return static_cast<float>(exp_wide(limited(x))); }

RDU_HW_ARITH_INLINE float log_f32(float x) {
  const double wide = x;
  return static_cast<float>(wide < 0 ? kWideNan : log_wide(wide));
}

RDU_HW_ARITH_INLINE float sigmoid_f32(float x) {
  const double falling = at_least(at_most(-static_cast<double>(x), 104.0), -104.0);
  return static_cast<float>(1.0 / (1.0 + exp_wide(falling)));
}

RDU_HW_ARITH_INLINE float tanh_f32(float x) {
  const double twice = at_most(2.0 * magnitude(static_cast<double>(x)), 40.0);
  const double e = expm1_wide(twice);
  return static_cast<float>(with_sign(e / (e + 2.0), static_cast<double>(x)));
}

RDU_HW_ARITH_INLINE float sinh_f32(float x) {
  const double e = expm1_wide(at_most(magnitude(static_cast<double>(x)), 90.0));
  return static_cast<float>(with_sign(0.5 * (e + e / (e + 1.0)), static_cast<double>(x)));
}

RDU_HW_ARITH_INLINE float cosh_f32(float x) {
  const double e = exp_wide(at_most(magnitude(static_cast<double>(x)), 90.0));
  return static_cast<float>(0.5 * (e + 1.0 / e));
}

// The logarithm of x + sqrt(x^2 + 1).
RDU_HW_ARITH_INLINE float asinh_f32(float x) {
  const double m = magnitude(static_cast<double>(x));
  const double y = m + m * m / (1.0 + __builtin_sqrt(m * m + 1.0));
  const double positive = m < kWideInfinity ? log1p_wide(y) : m;
  return static_cast<float>(with_sign(positive, static_cast<double>(x)));
}

// The logarithm of x + sqrt(x^2 - 1).
RDU_HW_ARITH_INLINE float acosh_f32(float x) {
  const double t = static_cast<double>(x) - 1.0;
  const double y = t + __builtin_sqrt(t * (t + 2.0));
  return static_cast<float>(t < 0 ? kWideNan : log1p_wide(y));
}

RDU_HW_ARITH_INLINE float atanh_f32(float x) {
  const double m = magnitude(static_cast<double>(x));
  const double positive = m > 1 ? kWideNan : 0.5 * log1p_wide((m + m) / (1.0 - m));
  return static_cast<float>(with_sign(positive, static_cast<double>(x)));
}

RDU_HW_ARITH_INLINE float rsqrt_f32(float x) {
  return static_cast<float>(1.0 / __builtin_sqrt(static_cast<double>(x)));
}

RDU_HW_ARITH_INLINE double nearest_integer(double x) { return (x + kToInteger) - kToInteger; }

// |x|^y = e^(y ln|x|), negative where x is and y is odd. From 2^24 on every float is even.
RDU_HW_ARITH_INLINE float pow_f32(float x, float y) {
  const double base = x, power = y, m = magnitude(base);
  const bool large = magnitude(power) >= 0x1p24;
  const double half = 0.5 * power;
  const bool integer = large | (nearest_integer(power) == power);
  const bool odd = integer & !large & (nearest_integer(half) != half);
  const bool negative = odd & ((bits<Word>(x) >> 31) != 0);
  const double grown = exp_wide(limited(power * log_wide(m)));
  const bool stays = (m == 1) & (power == power);
  const double number = stays ? 1.0 : grown;
  const double signed_number = negative ? -number : number;
  const bool imaginary = !integer & (base < 0) & (base > -kWideInfinity);
  const double result = imaginary ? kWideNan : signed_number;
  const bool one = (base == 1) | (power == 0);
  return static_cast<float>(one ? 1.0 : result);
}

}  // namespace
}  // namespace rdu_hw::arith::RDU_HW_ARITH_ISA
