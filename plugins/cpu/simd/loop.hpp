// What the per-instruction-set sources share. They include no standard template: an inline function that the linker
// merges across files must not carry instructions that the machine may lack. Everything here has internal linkage.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "plugins/cpu/simd/elements/kernels.hpp"

#if defined(__clang__)
#define RDU_VECTORIZE _Pragma("clang loop vectorize(assume_safety)")
#else
#define RDU_VECTORIZE _Pragma("GCC ivdep")
#endif

namespace rdu::cpu::RDU_CPU_ISA {
namespace {

template <class To, class From>
inline __attribute__((always_inline)) To bits(From from) {
  return __builtin_bit_cast(To, from);
}

// One rounding where the instruction set has it, two elsewhere: never left to the compiler.
inline __attribute__((always_inline)) float mad(float a, float b, float c) {
#if defined(__FMA__)
  return __builtin_fmaf(a, b, c);
#else
  return a * b + c;
#endif
}
inline __attribute__((always_inline)) double mad(double a, double b, double c) {
#if defined(__FMA__)
  return __builtin_fma(a, b, c);
#else
  return a * b + c;
#endif
}

// Horner's rule; coefficients from the constant term upwards.
template <size_t From = 0, class T, size_t N>
inline __attribute__((always_inline)) T poly(const T (&c)[N], T x) {
  if constexpr (From + 1 == N)
    return c[From];
  else
    return mad(poly<From + 1>(c, x), x, c[From]);
}

}  // namespace
}  // namespace rdu::cpu::RDU_CPU_ISA
