// What operators ask about element types.
#pragma once

#include <cstdint>
#include <limits>

#include "tools/rducc/ir/element.hpp"

namespace rducc::import_onnx {

using ir::is_float;

constexpr bool is_unsigned(rdu_dtype dtype) {
  return dtype == RDU_DTYPE_U8 || dtype == RDU_DTYPE_U16 || dtype == RDU_DTYPE_U32 ||
         dtype == RDU_DTYPE_U64 || dtype == RDU_DTYPE_U4;
}

constexpr bool is_integer(rdu_dtype dtype) {
  return !is_float(dtype) && dtype != RDU_DTYPE_BOOL && dtype != RDU_DTYPE_NONE;
}

// Where sums and transcendental functions of a dtype are computed: half floats in F32.
constexpr rdu_dtype wide(rdu_dtype dtype) {
  return dtype == RDU_DTYPE_F16 || dtype == RDU_DTYPE_BF16 ? RDU_DTYPE_F32 : dtype;
}

// The range of an integer dtype, as I64 (U64's upper end does not fit and is clipped).
struct IntegerRange {
  std::int64_t lowest, highest;
};

constexpr IntegerRange integer_range(rdu_dtype dtype) {
  constexpr auto max64 = std::numeric_limits<std::int64_t>::max();
  switch (dtype) {
    case RDU_DTYPE_I4:
      return {-8, 7};
    case RDU_DTYPE_I8:
      return {-128, 127};
    case RDU_DTYPE_I16:
      return {-32768, 32767};
    case RDU_DTYPE_I32:
      return {-(std::int64_t{1} << 31), (std::int64_t{1} << 31) - 1};
    case RDU_DTYPE_U4:
      return {0, 15};
    case RDU_DTYPE_U8:
      return {0, 255};
    case RDU_DTYPE_U16:
      return {0, 65535};
    case RDU_DTYPE_U32:
      return {0, (std::int64_t{1} << 32) - 1};
    case RDU_DTYPE_U64:
      return {0, max64};
    case RDU_DTYPE_BOOL:
      return {0, 1};
    default:
      return {std::numeric_limits<std::int64_t>::min(), max64};
  }
}

}  // namespace rducc::import_onnx
