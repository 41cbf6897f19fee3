// Element types: names, sizes, classes, and the two 16-bit floats in software.
#pragma once

#include <rdu/types.h>

#include <bit>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace rdu::base {

// "f32", "bf16", …; "none" and "?" for what is not an element type.
const char* dtype_name(rdu_dtype dtype);
std::optional<rdu_dtype> dtype_from_name(std::string_view name);

constexpr bool is_dtype(rdu_dtype dtype) {
  return dtype != RDU_DTYPE_NONE && dtype < RDU_NUM_DTYPES;
}

// 4 for the two types that share a byte; 0 for what is not an element type.
constexpr std::uint32_t dtype_bits(rdu_dtype dtype) {
  constexpr std::uint8_t kBits[RDU_NUM_DTYPES] = {0,  32, 64, 16, 16, 8, 16, 32,
                                                  64, 8,  16, 32, 64, 4, 4,  8};
  return dtype < RDU_NUM_DTYPES ? kBits[dtype] : 0;
}

constexpr bool is_float(rdu_dtype dtype) {
  return dtype >= RDU_DTYPE_F32 && dtype <= RDU_DTYPE_BF16;
}
constexpr bool is_signed_integer(rdu_dtype dtype) {
  return (dtype >= RDU_DTYPE_I8 && dtype <= RDU_DTYPE_I64) || dtype == RDU_DTYPE_I4;
}
constexpr bool is_unsigned_integer(rdu_dtype dtype) {
  return (dtype >= RDU_DTYPE_U8 && dtype <= RDU_DTYPE_U64) || dtype == RDU_DTYPE_U4;
}
constexpr bool is_integer(rdu_dtype dtype) {
  return is_signed_integer(dtype) || is_unsigned_integer(dtype);
}
constexpr bool is_packed(rdu_dtype dtype) { return dtype == RDU_DTYPE_I4 || dtype == RDU_DTYPE_U4; }

// Bytes of dense storage; nothing where the sizes do not fit 63 bits.
std::optional<std::uint64_t> storage_bytes(rdu_dtype dtype, std::span<const std::int64_t> dims);

constexpr float bf16_to_f32(std::uint16_t bits) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}

// Rounds to nearest even; a NaN stays one.
constexpr std::uint16_t f32_to_bf16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  if ((bits & 0x7fffffffu) > 0x7f800000u) return static_cast<std::uint16_t>((bits >> 16) | 0x40u);
  return static_cast<std::uint16_t>((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}

float f16_to_f32(std::uint16_t bits);

// Rounds to nearest even; what is too large becomes infinity; a NaN stays one.
std::uint16_t f32_to_f16(float value);

}  // namespace rdu::base
