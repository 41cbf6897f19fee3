// Which dtypes the chip takes, and how their elements become words.
#include "tools/rducc/target/rdu/lower/words.hpp"

#include <rdu_hw/package.h>

#include <bit>
#include <limits>

#include "sdk/base/dtype.hpp"
#include "tools/rducc/target/rdu/lower/decline.hpp"

namespace rducc::rdu::lower {

void require_dtype(rdu_dtype dtype) {
  switch (dtype) {
    case RDU_DTYPE_F32:
    case RDU_DTYPE_BF16:
    case RDU_DTYPE_I32:
    case RDU_DTYPE_I64:
    case RDU_DTYPE_BOOL:
      return;
    default:
      decline(RDU_REASON_DTYPE, ::rdu::base::dtype_name(dtype));
  }
}

std::uint32_t word_of(rdu_dtype dtype, const ::rdu::artifact::Scalar& scalar) {
  require_dtype(dtype);
  if (is_float_word(dtype)) return std::bit_cast<std::uint32_t>(static_cast<float>(scalar.f));
  if (scalar.i < std::numeric_limits<std::int32_t>::min() ||
      scalar.i > std::numeric_limits<std::int32_t>::max()) {
    decline(RDU_REASON_DTYPE,
            "the integer " + std::to_string(scalar.i) + " needs more than 32 bits");
  }
  return static_cast<std::uint32_t>(static_cast<std::int32_t>(scalar.i));
}

std::uint32_t memory_format(rdu_dtype dtype) {
  return dtype == RDU_DTYPE_BF16 ? RDU_HW_FORMAT_BF16 : RDU_HW_FORMAT_WORD;
}

std::uint32_t conversion_of(rdu_dtype dtype) {
  switch (dtype) {
    case RDU_DTYPE_I64:
      return RDU_HW_CONVERT_I64_I32;
    case RDU_DTYPE_BOOL:
      return RDU_HW_CONVERT_BOOL_I32;
    default:
      return RDU_HW_CONVERT_NONE;
  }
}

}  // namespace rducc::rdu::lower
