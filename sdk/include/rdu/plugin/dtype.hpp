// Facts about dtypes, operations and patterns: widths, kinds and the names that messages use.
#pragma once

#include <rdu/body_ops.h>
#include <rdu/types.h>

#include <cstdint>

namespace rdu::plugin {

constexpr const char* dtype_name(rdu_dtype dtype) {
  constexpr const char* kNames[RDU_NUM_DTYPES] = {"none", "f32", "f64", "f16", "bf16", "i8",
                                                  "i16",  "i32", "i64", "u8",  "u16",  "u32",
                                                  "u64",  "i4",  "u4",  "bool"};
  return dtype < RDU_NUM_DTYPES ? kNames[dtype] : "unknown";
}

// Bits of an element in memory; a BOOL takes a byte.
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

constexpr std::uint64_t dtype_bytes(rdu_dtype dtype, std::uint64_t elements) {
  return (elements * dtype_bits(dtype) + 7) / 8;
}

constexpr const char* op_name(std::uint32_t op) {
  switch (op) {
#define X(name, number, operands) \
  case number:                    \
    return #name;
    RDU_BODY_OPS(X)
#undef X
    default:
      return "unknown";
  }
}

constexpr std::uint32_t num_operands(std::uint32_t op) {
  switch (op) {
#define X(name, number, operands) \
  case number:                    \
    return operands;
    RDU_BODY_OPS(X)
#undef X
    default:
      return 0;
  }
}

constexpr const char* combine_name(std::uint32_t combine) {
  switch (combine) {
#define X(name, number) \
  case number:          \
    return #name;
    RDU_COMBINE_OPS(X)
#undef X
    default:
      return "unknown";
  }
}

constexpr const char* pattern_name(std::uint32_t pattern) {
  switch (pattern) {
#define X(name, number) \
  case number:          \
    return #name;
    RDU_PATTERNS(X)
#undef X
    default:
      return "unknown";
  }
}

}  // namespace rdu::plugin
