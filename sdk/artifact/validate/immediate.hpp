// Does an integer belong to a dtype?
#pragma once

#include <rdu/types.h>

#include <cstdint>

#include "sdk/base/dtype.hpp"

namespace rdu::artifact {

// True of any bits for floats, and for u64, whose immediates are bit patterns.
inline bool immediate_fits(rdu_dtype dtype, std::int64_t value) {
  if (base::is_float(dtype)) return true;
  if (dtype == RDU_DTYPE_BOOL) return value == 0 || value == 1;
  const std::uint32_t bits = base::dtype_bits(dtype);
  if (bits == 64) return true;
  if (base::is_unsigned_integer(dtype)) return value >= 0 && value < (std::int64_t{1} << bits);
  const std::int64_t half = std::int64_t{1} << (bits - 1);
  return value >= -half && value < half;
}

}  // namespace rdu::artifact
