// One value of any dtype in a register: floats as double, everything else as 64 bits, always in the dtype's range.
#pragma once

#include <cmath>
#include <cstdint>
#include <rdu/plugin/dtype.hpp>

#include "plugins/reference/float16.hpp"

namespace rdu::reference {

// `f` holds all float dtypes; `i` all others (U64 as its bit pattern, BOOL as 0 or 1).
union Scalar {
  double f;
  std::int64_t i;
};

inline Scalar of_float(double f) {
  Scalar scalar;
  scalar.f = f;
  return scalar;
}
inline Scalar of_integer(std::int64_t i) {
  Scalar scalar;
  scalar.i = i;
  return scalar;
}

enum class Kind : std::uint8_t { kFloat, kSigned, kUnsigned, kBool };

inline Kind kind_of(rdu_dtype dtype) {
  if (plugin::is_float(dtype)) return Kind::kFloat;
  if (plugin::is_signed_integer(dtype)) return Kind::kSigned;
  return dtype == RDU_DTYPE_BOOL ? Kind::kBool : Kind::kUnsigned;
}

// The nearest number of a float dtype, ties to even.
inline double round_to(rdu_dtype dtype, double value) {
  switch (dtype) {
    case RDU_DTYPE_F32:
      return static_cast<float>(value);
    case RDU_DTYPE_F16:
      return Half::decode(Half::encode(value));
    case RDU_DTYPE_BF16:
      return Bfloat16::decode(Bfloat16::encode(value));
    default:
      return value;
  }
}

// The low bits of `value` as a number of an integer dtype; for BOOL, "is not zero".
inline std::int64_t wrap_to(rdu_dtype dtype, std::int64_t value) {
  if (dtype == RDU_DTYPE_BOOL) return value != 0;
  const int unused = 64 - static_cast<int>(plugin::dtype_bits(dtype));
  const auto shifted = static_cast<std::uint64_t>(value) << unused;
  if (plugin::is_signed_integer(dtype)) return static_cast<std::int64_t>(shifted) >> unused;
  return static_cast<std::int64_t>(shifted >> unused);
}

// Brings a result that was computed in double or in 64 bits into its dtype.
inline Scalar narrow(rdu_dtype dtype, Scalar value) {
  return plugin::is_float(dtype) ? of_float(round_to(dtype, value.f))
                                 : of_integer(wrap_to(dtype, value.i));
}

// As the CAST operation is defined.
Scalar cast(rdu_dtype from, rdu_dtype to, Scalar value);

}  // namespace rdu::reference
