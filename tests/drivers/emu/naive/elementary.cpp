// The elementary functions, in binary64, each step rounded by itself; constants and coefficients are the manual's tables.
#include <bit>
#include <cmath>
#include <limits>

#include "tests/drivers/emu/naive/words.hpp"

namespace naive {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kBig = 0x1.8p+52;
constexpr double kLog2E = 0x1.71547652b82fep+0;
constexpr double kLn2 = 0x1.62e42fefa39efp-1;
constexpr double kPi = 0x1.921fb54442d18p+1;
constexpr double kHalfPi = 0x1.921fb54442d18p+0;
constexpr double kTwoOverPi = 0x1.45f306dc9c883p-1;
constexpr double kHalfPi1 = 0x1.921fb54000000p+0;
constexpr double kHalfPi2 = 0x1.10b4611000000p-30;
constexpr double kHalfPi3 = 0x1.4c4c6628b80dcp-59;
// 2/pi, the first word with the weights 2^-1 to 2^-32.
constexpr std::uint32_t kTwoOverPiBits[] = {0xa2f9836eu, 0x4e441529u, 0xfc2757d1u, 0xf534ddc0u,
                                            0xdb629599u, 0x3c439041u, 0xfe5163abu};

const std::vector<double> kP = {
    0x1.0000000000000p+0,  0x1.fffffffff71cfp-2,  0x1.5555555553b7dp-3,
    0x1.5555557428d91p-5,  0x1.1111111c45d5bp-7,  0x1.6c164df443c8cp-10,
    0x1.a019adabfb6abp-13, 0x1.a15a4f98eb4a5p-16, 0x1.72c720b2e07bfp-19};
const std::vector<double> kA = {0x1.0000000000000p+0, 0x1.5555555552d50p-2, 0x1.999999a435066p-3,
                                0x1.249240b87155dp-3, 0x1.c722cceee92f4p-4, 0x1.732320a9c93b0p-4,
                                0x1.58d5d4a93822dp-4};
const std::vector<double> kSin = {0x1.0000000000000p+0,  -0x1.555555555516ap-3,
                                  0x1.1111110fd3935p-7,  -0x1.a019fd9a9838bp-13,
                                  0x1.71d9a97cd3c34p-19, -0x1.aa28204b8cc64p-26};
const std::vector<double> kCos = {
    0x1.0000000000000p+0,  -0x1.fffffffffff79p-2,  0x1.555555554e7cfp-5, -0x1.6c16c163c3f3ep-10,
    0x1.a019f7fc0d9eep-16, -0x1.27df3f747e521p-22, 0x1.1b8ac93386c1dp-29};
const std::vector<double> kT = {
    0x1.0000000000000p+0, -0x1.555555554e12ep-2, 0x1.9999998350a7ap-3, -0x1.2492436ae8038p-3,
    0x1.c71b46328c101p-4, -0x1.744cee862929dp-4, 0x1.3a8c2625b9aa7p-4, -0x1.0e22e4c8a6ab4p-4,
    0x1.cb4cbfd1c120cp-5, -0x1.703ae186038e7p-5, 0x1.0357b7b676e8cp-5, -0x1.26a513965d7e6p-6,
    0x1.e8b7d967003fbp-8, -0x1.01026ecc75077p-9, 0x1.fb94030f244ddp-13};
const std::vector<double> kE = {
    0x1.6a0407813ba6ap-2,  -0x1.69a0ccd9f6df8p-3,  0x1.0dabafa9f88e4p-3,  -0x1.b92e963095bd0p-4,
    0x1.717ed25590363p-4,  -0x1.3215ca717cdadp-4,  0x1.ea9c22453d0afp-5,  -0x1.76e9d031dbf77p-5,
    0x1.0eba27d1d1e96p-5,  -0x1.7022a7b996b7ep-6,  0x1.d7c38f92e4738p-7,  -0x1.1a89711343d13p-7,
    0x1.37242b1831533p-8,  -0x1.4d36ca00e41d5p-9,  0x1.78c1edb02fd74p-10, -0x1.5b3198a59e823p-11,
    0x1.4cf6ca5f0eadep-13, -0x1.462501dc85e0fp-14, 0x1.97ec8501d6727p-14, -0x1.2a5b1cc3bdea6p-15};

double polynomial(const std::vector<double>& c, double u) {
  double p = c.back();
  for (std::size_t i = c.size() - 1; i-- > 0;) p = p * u + c[i];
  return p;
}

double limited(double x, double low, double high) { return x < low ? low : x > high ? high : x; }

struct Power {
  double scale;  // 2^n
  double q;
};

Power power_of_e(double x) {
  const double s = x * kLog2E + kBig;
  const double n = s - kBig;
  const double r = x - n * kLn2;
  return {std::ldexp(1.0, static_cast<int>(n)), r * polynomial(kP, r)};
}

double exp_of(double x) {
  const Power p = power_of_e(x);
  return p.scale * (p.q + 1);
}

double expm1_of(double x) {
  const Power p = power_of_e(x);
  return p.scale * p.q + (p.scale - 1);
}

double log_of(double k, double s) { return k * kLn2 + (s + s) * polynomial(kA, s * s); }

double log_of(double x) {
  if (x == 0) return -kInfinity;
  if (x == kInfinity) return kInfinity;
  int k = 0;
  double m = std::frexp(x, &k);
  if (m < 0x1.6a09e667f3bcdp-1) {
    m = m * 2;
    --k;
  }
  return log_of(k, (m - 1) / (m + 1));
}

double log1p_of(double y) { return y < 0.375 ? log_of(0.0, y / (y + 2)) : log_of(1 + y); }

bool is_integer(double x) { return std::isinf(x) || x == std::floor(x); }
bool is_odd(double x) { return std::isfinite(x) && std::fmod(std::fabs(x), 2.0) == 1; }

double power(double a, double b) {
  if (b == 0 || a == 1) return 1;
  if (std::isnan(a) || std::isnan(b)) return kNan;
  if (std::isfinite(a) && a < 0 && !is_integer(b)) return kNan;
  const double m = std::fabs(a);
  const double x = m == 1 ? 1 : exp_of(limited(b * log_of(m), -104, 89));
  return std::signbit(a) && is_odd(b) ? -x : x;
}

// An operand as n quarters of a turn and the rest.
struct Angle {
  int n;
  double r;
};

// Bits of 2/pi from index `first` on, the highest first; in front of it there are zeros.
std::uint64_t bits_from(int first) {
  std::uint64_t word = 0;
  for (int i = first; i < first + 32; ++i) {
    word = word << 1 | (i < 0 ? 0u : kTwoOverPiBits[i / 32] >> (31 - i % 32) & 1u);
  }
  return word;
}

Angle large_angle(double x) {
  int e = 0;
  const auto m = static_cast<std::uint64_t>(std::ldexp(std::frexp(std::fabs(x), &e), 24));
  const int first = (e - 24) - 2;  // the bit that gets weight 2
  const std::uint64_t w0 = bits_from(first);
  const std::uint64_t w1 = bits_from(first + 32);
  const std::uint64_t w2 = bits_from(first + 64);
  const std::uint64_t t = (m * w0 << 32) + m * w1 + (m * w2 >> 32);
  const std::uint64_t n = (t >> 62) + (t >> 61 & 1u);
  const double r = static_cast<double>(static_cast<std::int64_t>(4 * t)) * (0x1p-64 * kHalfPi);
  if (x < 0) return {-static_cast<int>(n), -r};
  return {static_cast<int>(n), r};
}

Angle angle(double x) {
  if (std::fabs(x) >= 0x1p23) return large_angle(x);
  const double s = x * kTwoOverPi + kBig;
  const double n = s - kBig;
  return {static_cast<int>(n), ((x - n * kHalfPi1) - n * kHalfPi2) - n * kHalfPi3};
}

double sine(int n, double r) {
  const double wave = (n & 1) != 0 ? polynomial(kCos, r * r) : r * polynomial(kSin, r * r);
  return (n & 2) != 0 ? -wave : wave;
}

double tangent(int n, double r) {
  const double s = r * polynomial(kSin, r * r);
  const double c = polynomial(kCos, r * r);
  return (n & 1) != 0 ? -c / s : s / c;
}

double angle_of_point(double y, double x) {
  const double a = std::fabs(y);
  const double b = std::fabs(x);
  const double larger = a > b ? a : b;
  const double smaller = a > b ? b : a;
  const double q = larger == 0 ? 0 : a == b ? 1 : smaller / larger;
  double v = q * polynomial(kT, q * q);
  if (a > b) v = kHalfPi - v;
  if (std::signbit(x)) v = kPi - v;
  return std::copysign(v, y);
}

double tanh_of(double m) {
  const double e = expm1_of(limited(2 * m, 0, 40));
  return e / (e + 2);
}

double sinh_of(double m) {
  const double e = expm1_of(limited(m, 0, 90));
  return 0.5 * (e + e / (e + 1));
}

double cosh_of(double m) {
  const double e = exp_of(limited(m, 0, 90));
  return 0.5 * (e + 1 / e);
}

double asinh_of(double m) {
  return m == kInfinity ? m : log1p_of(m + m * m / (1 + std::sqrt(m * m + 1)));
}

double acosh_of(double a) {
  const double t = a - 1;
  return a < 1 ? kNan : log1p_of(t + std::sqrt(t * (t + 2)));
}

double atanh_of(double m) { return m > 1 ? kNan : 0.5 * log1p_of((m + m) / (1 - m)); }

double erf_of(double magnitude) {
  const double m = limited(magnitude, 0, 4);
  return m * polynomial(kE, m * m * 0.125 - 1);
}

double side(double a) { return std::sqrt((1 - a) * (1 + a)); }

double trigonometric(std::uint32_t op, double a) {
  if (std::isinf(a)) return kNan;
  const Angle x = angle(a);
  return op == RDU_HW_OP_SIN_F32   ? sine(x.n, x.r)
         : op == RDU_HW_OP_COS_F32 ? sine(x.n + 1, x.r)
                                   : tangent(x.n, x.r);
}

// Functions that carry the sign of their operand to the result.
double odd(std::uint32_t op, double m) {
  switch (op) {
    case RDU_HW_OP_TANH_F32:
      return tanh_of(m);
    case RDU_HW_OP_SINH_F32:
      return sinh_of(m);
    case RDU_HW_OP_ASINH_F32:
      return asinh_of(m);
    case RDU_HW_OP_ATANH_F32:
      return atanh_of(m);
    default:  // RDU_HW_OP_ERF_F32
      return erf_of(m);
  }
}

double wide(std::uint32_t op, double a, double b) {
  switch (op) {
    case RDU_HW_OP_RSQRT_F32:
      return 1 / std::sqrt(a);
    case RDU_HW_OP_EXP_F32:
      return exp_of(limited(a, -104, 89));
    case RDU_HW_OP_LOG_F32:
      return a < 0 ? kNan : log_of(a);
    case RDU_HW_OP_SIGMOID_F32:
      return 1 / (1 + exp_of(limited(-a, -104, 104)));
    case RDU_HW_OP_COSH_F32:
      return cosh_of(std::fabs(a));
    case RDU_HW_OP_ACOSH_F32:
      return acosh_of(a);
    case RDU_HW_OP_SIN_F32:
    case RDU_HW_OP_COS_F32:
    case RDU_HW_OP_TAN_F32:
      return trigonometric(op, a);
    case RDU_HW_OP_ASIN_F32:
      return std::fabs(a) > 1 ? kNan : angle_of_point(a, side(a));
    case RDU_HW_OP_ACOS_F32:
      return std::fabs(a) > 1 ? kNan : angle_of_point(side(a), a);
    case RDU_HW_OP_ATAN_F32:
      return angle_of_point(a, 1);
    case RDU_HW_OP_ATAN2_F32:
      return angle_of_point(a, b);
    default:
      return std::copysign(odd(op, std::fabs(a)), a);
  }
}

Word rounded(double x) {
  return std::isnan(x) ? 0x7fc00000u : std::bit_cast<Word>(static_cast<float>(x));
}

}  // namespace

Word elementary(std::uint32_t op, Word a, Word b) {
  const double x = std::bit_cast<float>(a);
  const double y = std::bit_cast<float>(b);
  if (op == RDU_HW_OP_POW_F32) return rounded(power(x, y));
  if (std::isnan(x) || (op == RDU_HW_OP_ATAN2_F32 && std::isnan(y))) return rounded(kNan);
  return rounded(wide(op, x, y));
}

}  // namespace naive
