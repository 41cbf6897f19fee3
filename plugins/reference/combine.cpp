// The definition of every combine operation of <rdu/body_ops.h>.
#include "plugins/reference/combine.hpp"

#include <cmath>
#include <limits>

namespace rdu::reference {
namespace {

Scalar extreme(rdu_dtype dtype, bool largest) {
  const Kind kind = kind_of(dtype);
  if (kind == Kind::kFloat) {
    return of_float(largest ? std::numeric_limits<double>::infinity()
                            : -std::numeric_limits<double>::infinity());
  }
  if (kind == Kind::kSigned) {
    const std::int64_t smallest =
        wrap_to(dtype, std::int64_t{1} << (plugin::dtype_bits(dtype) - 1));
    return of_integer(largest ? ~smallest : smallest);
  }
  return of_integer(largest ? wrap_to(dtype, -1) : 0);
}

bool less(Kind kind, Scalar a, Scalar b) {
  if (kind == Kind::kFloat) return a.f < b.f;
  if (kind == Kind::kSigned) return a.i < b.i;
  return static_cast<std::uint64_t>(a.i) < static_cast<std::uint64_t>(b.i);
}

Scalar wrapping_add(Scalar a, Scalar b) {
  return of_integer(
      static_cast<std::int64_t>(static_cast<std::uint64_t>(a.i) + static_cast<std::uint64_t>(b.i)));
}

Scalar wrapping_multiply(Scalar a, Scalar b) {
  return of_integer(
      static_cast<std::int64_t>(static_cast<std::uint64_t>(a.i) * static_cast<std::uint64_t>(b.i)));
}

}  // namespace

Scalar identity(std::uint32_t combine, rdu_dtype dtype) {
  switch (combine) {
    case RDU_COMBINE_MUL:
      return plugin::is_float(dtype) ? of_float(1) : of_integer(1);
    case RDU_COMBINE_MIN:
      return extreme(dtype, true);
    case RDU_COMBINE_MAX:
      return extreme(dtype, false);
    case RDU_COMBINE_AND:
      return of_integer(wrap_to(dtype, -1));
    default:
      return plugin::is_float(dtype) ? of_float(0) : of_integer(0);
  }
}

Scalar combine(std::uint32_t combine, Kind kind, Scalar a, Scalar b) {
  const bool is_float = kind == Kind::kFloat;
  switch (combine) {
    case RDU_COMBINE_ADD:
      return is_float ? of_float(a.f + b.f) : wrapping_add(a, b);
    case RDU_COMBINE_MUL:
      return is_float ? of_float(a.f * b.f) : wrapping_multiply(a, b);
    case RDU_COMBINE_MIN:
    case RDU_COMBINE_MAX:
      if (is_float && (std::isnan(a.f) || std::isnan(b.f))) return of_float(a.f + b.f);
      return (combine == RDU_COMBINE_MIN ? less(kind, b, a) : less(kind, a, b)) ? b : a;
    case RDU_COMBINE_AND:
      return of_integer(a.i & b.i);
    case RDU_COMBINE_OR:
      return of_integer(a.i | b.i);
    default:
      return b;  // REPLACE
  }
}

bool takes_over(std::uint32_t combine, Kind kind, Scalar best, Scalar candidate) {
  const bool last = combine == RDU_COMBINE_ARGMIN_LAST || combine == RDU_COMBINE_ARGMAX_LAST;
  const bool smallest = combine == RDU_COMBINE_ARGMIN_FIRST || combine == RDU_COMBINE_ARGMIN_LAST;
  if (kind == Kind::kFloat && (std::isnan(best.f) || std::isnan(candidate.f))) {
    return std::isnan(candidate.f) && (last || !std::isnan(best.f));
  }
  if (less(kind, candidate, best)) return smallest;
  if (less(kind, best, candidate)) return !smallest;
  return last;
}

}  // namespace rdu::reference
