// What the definitions are written with. They are compiled once per instruction set (RDU_HW_ARITH_ISA names it) and
// include no standard template: an inline function that the linker merges across files must not carry instructions
// that the machine may lack. Everything has internal linkage.
#pragma once

#include "drivers/emu/arith/ops.hpp"

#define RDU_HW_ARITH_INLINE inline __attribute__((always_inline))

namespace rdu_hw::arith::RDU_HW_ARITH_ISA {
namespace {

template <class To, class From>
RDU_HW_ARITH_INLINE To bits(From from) {
  return __builtin_bit_cast(To, from);
}

constexpr Word kCanonicalNan = 0x7fc00000u;
constexpr float kNan = __builtin_bit_cast(float, kCanonicalNan);
constexpr float kInfinity = __builtin_inff();
constexpr double kWideNan = __builtin_nan("");
constexpr double kWideInfinity = __builtin_inf();

// A result of any definition as the lane carries it: every NaN becomes the canonical one.
RDU_HW_ARITH_INLINE Word word_of(float x) {
  const Word w = bits<Word>(x);
  return static_cast<std::int32_t>(w & 0x7fffffffu) > 0x7f800000 ? kCanonicalNan : w;
}
RDU_HW_ARITH_INLINE Word word_of(std::int32_t x) { return static_cast<Word>(x); }
RDU_HW_ARITH_INLINE Word word_of(Word x) { return x; }

RDU_HW_ARITH_INLINE float with_sign(float magnitude, float sign) {
  return bits<float>((bits<Word>(magnitude) & 0x7fffffffu) | (bits<Word>(sign) & 0x80000000u));
}
RDU_HW_ARITH_INLINE double with_sign(double magnitude, double sign) {
  constexpr std::uint64_t kSign = std::uint64_t{1} << 63;
  return bits<double>((bits<std::uint64_t>(magnitude) & ~kSign) |
                      (bits<std::uint64_t>(sign) & kSign));
}
RDU_HW_ARITH_INLINE float magnitude(float x) { return bits<float>(bits<Word>(x) & 0x7fffffffu); }
RDU_HW_ARITH_INLINE double magnitude(double x) {
  return bits<double>(bits<std::uint64_t>(x) & ~(std::uint64_t{1} << 63));
}

// Horner's rule, a product and a sum, each rounded, per coefficient; coefficients from the constant term upwards.
template <std::size_t From = 0, std::size_t N>
RDU_HW_ARITH_INLINE double polynomial(const double (&c)[N], double x) {
  if constexpr (From + 1 == N)
    return c[From];
  else
    return polynomial<From + 1>(c, x) * x + c[From];
}

}  // namespace
}  // namespace rdu_hw::arith::RDU_HW_ARITH_ISA
