// CAST between any two dtypes.
#include "plugins/reference/scalar.hpp"

namespace rdu::reference {
namespace {

// Truncates towards zero and saturates; NaN is 0.
std::int64_t float_to_integer(rdu_dtype to, double value) {
  if (std::isnan(value)) return 0;
  const int bits = static_cast<int>(plugin::dtype_bits(to));
  const bool is_signed = plugin::is_signed_integer(to);
  const double limit = std::ldexp(1.0, is_signed ? bits - 1 : bits);  // one above the largest
  const double low = is_signed ? -limit : 0.0;
  const double truncated = std::trunc(value);
  if (truncated >= limit) {
    const std::uint64_t all = ~std::uint64_t{0};
    return static_cast<std::int64_t>(all >> (64 - bits + (is_signed ? 1 : 0)));
  }
  if (truncated <= low)
    return is_signed ? static_cast<std::int64_t>(~std::uint64_t{0} << (bits - 1)) : 0;
  return is_signed ? static_cast<std::int64_t>(truncated)
                   : static_cast<std::int64_t>(static_cast<std::uint64_t>(truncated));
}

// Clears the low bits that a double cannot hold, and keeps in the lowest that it can whether any was set: rounding the
// result again, to a narrower float, is then the same as rounding the integer once.
std::uint64_t keep_53_bits_sticky(std::uint64_t magnitude) {
  if (magnitude < (std::uint64_t{1} << 53)) return magnitude;
  const std::uint64_t low = magnitude & 0x7ff;
  return (magnitude & ~std::uint64_t{0x7ff}) | (low != 0 ? 0x800 : 0);
}

double integer_to_float(bool is_signed, rdu_dtype to, std::int64_t value) {
  const bool negative = is_signed && value < 0;
  const std::uint64_t magnitude =
      negative ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
  const double wide =
      static_cast<double>(to == RDU_DTYPE_F64 ? magnitude : keep_53_bits_sticky(magnitude));
  return round_to(to, negative ? -wide : wide);
}

}  // namespace

Scalar cast(rdu_dtype from, rdu_dtype to, Scalar value) {
  if (from == to) return value;
  const bool from_float = plugin::is_float(from);
  if (plugin::is_float(to)) {
    if (from_float) return of_float(round_to(to, value.f));
    return of_float(integer_to_float(plugin::is_signed_integer(from), to, value.i));
  }
  if (to == RDU_DTYPE_BOOL) return of_integer(from_float ? value.f != 0 : value.i != 0);
  return of_integer(from_float ? float_to_integer(to, value.f) : wrap_to(to, value.i));
}

}  // namespace rdu::reference
