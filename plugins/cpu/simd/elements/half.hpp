// Conversions between the 16-bit floats and float, by integer arithmetic so that every instruction set agrees.
#pragma once

#include "plugins/cpu/simd/loop.hpp"

namespace rdu::cpu::RDU_CPU_ISA {
namespace {

inline float float_of_f16(uint16_t h) {
  const uint32_t magnitude = h & 0x7fffu, sign = static_cast<uint32_t>(h & 0x8000u) << 16;
  // Reading the exponent with the wrong bias is a factor of 2^112, for subnormals too.
  const float finite = bits<float>(magnitude << 13) * 5.192296858534828e33f;
  const uint32_t special = (magnitude << 13) | 0x7f800000u;
  return bits<float>((magnitude >= 0x7c00u ? special : bits<uint32_t>(finite)) | sign);
}

inline uint16_t f16_of_float(float f) {
  const uint32_t u = bits<uint32_t>(f), magnitude = u & 0x7fffffffu;
  const uint32_t rounded = magnitude + 0xfffu + ((magnitude >> 13) & 1u);
  const uint32_t normal = (rounded - (112u << 23)) >> 13;
  // The last place of 0.5f is the smallest half: the float adder rounds subnormals.
  const uint32_t subnormal = bits<uint32_t>(bits<float>(magnitude) + 0.5f) - bits<uint32_t>(0.5f);
  const uint32_t special = magnitude > 0x7f800000u ? 0x7e00u : 0x7c00u;
  uint32_t h = magnitude < (113u << 23) ? subnormal : normal;
  h = magnitude >= 0x477ff000u ? special : h;
  return static_cast<uint16_t>(h | ((u >> 16) & 0x8000u));
}

inline float float_of_bf16(uint16_t h) { return bits<float>(static_cast<uint32_t>(h) << 16); }

inline uint16_t bf16_of_float(float f) {
  const uint32_t u = bits<uint32_t>(f);
  const uint32_t rounded = (u + 0x7fffu + ((u >> 16) & 1u)) >> 16;
  return static_cast<uint16_t>(f != f ? (u >> 16) | 0x40u : rounded);
}

// To the float that a second rounding cannot spoil: inexact results get an odd last bit.
inline float odd_float_of_double(double d) {
  const float f = static_cast<float>(d);
  const uint32_t u = bits<uint32_t>(f);
  const double back = f;
  if (back == d || d != d || (u & 1u) != 0) return f;
  const bool away = __builtin_fabs(back) > __builtin_fabs(d);
  return bits<float>(away ? u - 1 : u + 1);
}

}  // namespace
}  // namespace rdu::cpu::RDU_CPU_ISA
