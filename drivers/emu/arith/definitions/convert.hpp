// From one element type to another, within a lane and between a lane and storage.
#pragma once

#include "drivers/emu/arith/definitions/fp32.hpp"
#include "drivers/emu/arith/definitions/int32.hpp"

namespace rdu_hw::arith::RDU_HW_ARITH_ISA {
namespace {

RDU_HW_ARITH_INLINE float f32_of_i32(std::int32_t a) { return static_cast<float>(a); }

// Towards zero; beyond int32 the nearest int32, a NaN is 0.
RDU_HW_ARITH_INLINE std::int32_t i32_of_f32_trunc(float a) {
  constexpr float kEnd = 0x1p31f;
  const bool inside = (a >= -kEnd) & (a < kEnd);
  const std::int32_t whole = static_cast<std::int32_t>(inside ? a : 0.0f);
  const std::int32_t above = a >= kEnd ? 0x7fffffff : whole;
  return a < -kEnd ? -0x7fffffff - 1 : above;
}
// To nearest, ties to even; else as above.
RDU_HW_ARITH_INLINE std::int32_t i32_of_f32_nearest(float a) {
  return i32_of_f32_trunc(round_f32(a));
}

// The upper half of an fp32, rounded to nearest, ties to even; beyond the largest bf16 that is an infinity.
RDU_HW_ARITH_INLINE std::uint16_t stored_bf16(Word w) {
  const Word number = word_of(bits<float>(w));
  return static_cast<std::uint16_t>((number + 0x7fffu + ((number >> 16) & 1u)) >> 16);
}
RDU_HW_ARITH_INLINE Word loaded_bf16(std::uint16_t half) { return static_cast<Word>(half) << 16; }
RDU_HW_ARITH_INLINE float bf16_of_f32(float a) {
  const Word number = word_of(a);
  return bits<float>((number + 0x7fffu + ((number >> 16) & 1u)) & 0xffff0000u);
}

RDU_HW_ARITH_INLINE std::int32_t i8_wrap(Word a) {
  return static_cast<std::int32_t>(a << 24) >> 24;
}
RDU_HW_ARITH_INLINE Word u8_wrap(Word a) { return a & 0xffu; }
RDU_HW_ARITH_INLINE std::int32_t i8_saturate(std::int32_t a) {
  return max_i32(min_i32(a, 127), -128);
}
RDU_HW_ARITH_INLINE std::int32_t u8_saturate(std::int32_t a) { return max_i32(min_i32(a, 255), 0); }

}  // namespace
}  // namespace rdu_hw::arith::RDU_HW_ARITH_ISA
