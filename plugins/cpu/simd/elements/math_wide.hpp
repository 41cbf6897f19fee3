// Elementary functions of floats in double arithmetic: the rarer ones, where a short formula in double is right to the
// last bit or two of a float. Functions of doubles themselves are the C library's.
#pragma once

#include "plugins/cpu/simd/loop.hpp"

namespace rdu::cpu::RDU_CPU_ISA {
namespace {

inline double pow2_wide(uint64_t k) { return bits<double>((k + 1023u) << 52); }

inline double exp_wide(double x) {
  constexpr double kRound = 6755399441055744.0;  // 1.5 * 2^52
  constexpr double kLog2e = 1.4426950408889634074, kLn2High = 6.93147180369123816490e-01,
                   kLn2Low = 1.90821492927058770002e-10;
  double c = x > 700.0 ? 700.0 : x;
  c = c < -700.0 ? -700.0 : c;
  const double t = mad(c, kLog2e, kRound);
  const double n = t - kRound;
  const uint64_t k = bits<uint64_t>(t) - bits<uint64_t>(kRound);
  const double r = mad(n, -kLn2Low, mad(n, -kLn2High, c));
  constexpr double p[] = {
      5.00000000000002109e-01, 1.66666666666033414e-01, 4.16666666664497198e-02,
      8.33333337465266659e-03, 1.38888889677986262e-03, 1.98411799762456898e-04,
      2.48014649129951005e-05, 2.76372630660629880e-06, 2.76411955810450411e-07};
  return (mad(r * r, poly(p, r), r) + 1.0) * pow2_wide(k);
}

// Of normal positive numbers.
inline double log_wide(double x) {
  constexpr uint64_t kSqrtHalf = 0x3fe6a09e667f3bcdull;
  const uint64_t u = bits<uint64_t>(x);
  const int64_t k = static_cast<int64_t>(u - kSqrtHalf) >> 52;
  const double m = bits<double>(u - (static_cast<uint64_t>(k) << 52));
  const double s = (m - 1.0) / (m + 1.0);
  constexpr double p[] = {2.0,      2.0 / 3,  2.0 / 5,  2.0 / 7, 2.0 / 9,
                          2.0 / 11, 2.0 / 13, 2.0 / 15, 2.0 / 17};
  // int32 converts to double in every instruction set.
  return mad(static_cast<double>(static_cast<int32_t>(k)), 0.69314718055994530942,
             s * poly(p, s * s));
}

struct SinCos {
  double sin, cos;
};

// |x| <= 1e6: the quotient times the leading 33 bits of pi/2 is exact.
inline SinCos sincos_wide(double x) {
  constexpr double kRound = 6755399441055744.0;
  constexpr double kPio2High = 1.57079632673412561417, kPio2Low = 6.07710050650619224932e-11;
  const double t = mad(x, 0.63661977236758134308, kRound);
  const double n = t - kRound;
  const uint64_t quadrant = bits<uint64_t>(t);
  const double r = mad(n, -kPio2Low, mad(n, -kPio2High, x));
  const double u = r * r;
  constexpr double ps[] = {-1.66666666666312135e-01, 8.33333332520221938e-03,
                           -1.98412637851142859e-04, 2.75553497317113352e-06,
                           -2.47610707347279341e-08};
  constexpr double pc[] = {4.16666666665982746e-02, -1.38888888777935872e-03,
                           2.48015807740992077e-05, -2.75555333317948029e-07,
                           2.06456731443809018e-09};
  const double s = mad(r * u, poly(ps, u), r);
  const double c = mad(u * u, poly(pc, u), mad(u, -0.5, 1.0));
  const bool swap = (quadrant & 1) != 0;
  const double sin = swap ? c : s, cos = swap ? s : c;
  return {(quadrant & 2) != 0 ? -sin : sin, ((quadrant + 1) & 2) != 0 ? -cos : cos};
}

inline float sin_f32(float x) { return static_cast<float>(sincos_wide(x).sin); }
inline float cos_f32(float x) { return static_cast<float>(sincos_wide(x).cos); }
inline float tan_f32(float x) {
  const SinCos v = sincos_wide(x);
  return static_cast<float>(v.sin / v.cos);
}

inline double atan_wide(double x) {
  constexpr double p[] = {9.99999999999293343e-01, -3.33333332796641679e-01,
                          1.99999933064622326e-01, -1.42853953097977299e-01,
                          1.11036013429261296e-01, -8.99377635734901482e-02,
                          6.97933787760130070e-02, -3.77399624087809485e-02};
  constexpr double kQuarter = 0.78539816339744830962;
  const double a = __builtin_fabs(x);
  const bool inverse = a > 1.0;
  const double b = inverse ? 1.0 / a : a;
  const bool upper = b > 0.41421356237309503;
  const double z = upper ? (b - 1.0) / (b + 1.0) : b;
  const double y = mad(z, poly(p, z * z), upper ? kQuarter : 0.0);
  return __builtin_copysign(inverse ? 2 * kQuarter - y : y, x);
}

inline double atan2_wide(double y, double x) {
  constexpr double kPi = 3.14159265358979323846;
  const double ax = __builtin_fabs(x), ay = __builtin_fabs(y);
  const bool steep = ay > ax;
  const double num = steep ? ax : ay, den = steep ? ay : ax;
  double q = den == 0.0 ? 0.0 : num / den;
  q = num == den && den != 0.0 ? 1.0 : q;  // also infinity over infinity
  double a = atan_wide(q);
  a = steep ? kPi / 2 - a : a;
  a = __builtin_copysign(1.0, x) < 0.0 ? kPi - a : a;
  a = __builtin_copysign(a, y);
  return x != x || y != y ? x + y : a;
}

inline float atan_f32(float x) { return static_cast<float>(atan_wide(x)); }
inline float atan2_f32(float y, float x) { return static_cast<float>(atan2_wide(y, x)); }
inline float asin_f32(float x) {
  const double d = x;
  return static_cast<float>(atan2_wide(d, __builtin_sqrt((1.0 - d) * (1.0 + d))));
}
inline float acos_f32(float x) {
  const double d = x;
  return static_cast<float>(atan2_wide(__builtin_sqrt((1.0 - d) * (1.0 + d)), d));
}

inline float sinh_f32(float x) {
  const double d = x, e = exp_wide(d);
  const double far = 0.5 * (e - 1.0 / e), near = d * (1.0 + d * d / 6.0);
  return static_cast<float>(__builtin_fabs(d) < 1e-4 ? near : far);
}
inline float cosh_f32(float x) {
  const double e = exp_wide(x);
  return static_cast<float>(0.5 * (e + 1.0 / e));
}

inline float asinh_f32(float x) {
  const double a = __builtin_fabs(static_cast<double>(x));
  const double far = log_wide(a + __builtin_sqrt(mad(a, a, 1.0))), near = a * (1.0 - a * a / 6.0);
  double y = a < 1e-4 ? near : far;
  y = a < __builtin_inf() ? y : a;
  return static_cast<float>(__builtin_copysign(y, static_cast<double>(x)));
}
inline float acosh_f32(float x) {
  const double d = x;
  double y = log_wide(d + __builtin_sqrt((d - 1.0) * (d + 1.0)));
  y = d < __builtin_inf() ? y : d;
  return static_cast<float>(d < 1.0 ? __builtin_nan("") : y);
}
inline float atanh_f32(float x) {
  const double d = x, a = __builtin_fabs(d);
  const double far = 0.5 * log_wide((1.0 + d) / (1.0 - d)), near = d * (1.0 + d * d / 3.0);
  double y = a < 1e-4 ? near : far;
  y = a == 1.0 ? __builtin_copysign(__builtin_inf(), d) : y;
  return static_cast<float>(a <= 1.0 ? y : __builtin_nan(""));
}

inline float pow_f32(float base, float exponent) {
  const double x = base, y = exponent, a = __builtin_fabs(x);
  constexpr double kInf = __builtin_inf();
  const double l = a == 0.0 ? -kInf : a == kInf ? kInf : log_wide(a);
  double t = y * l;
  t = a == 1.0 ? 0.0 : t;
  const double magnitude = t == -kInf ? 0.0 : t == kInf ? kInf : exp_wide(t);
  const double whole = __builtin_floor(y), half = 0.5 * y;
  const bool integer = whole == y;
  const bool odd = integer && __builtin_floor(half) != half;
  const bool negative = bits<int64_t>(x) < 0;
  double r = negative && odd ? -magnitude : magnitude;
  r = x < 0.0 && x != -kInf && !integer ? __builtin_nan("") : r;
  r = x != x || y != y ? x + y : r;
  r = x == 1.0 || y == 0.0 ? 1.0 : r;
  return static_cast<float>(r);
}

}  // namespace
}  // namespace rdu::cpu::RDU_CPU_ISA
