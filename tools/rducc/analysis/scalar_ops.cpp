// Scalar arithmetic per dtype: floats are computed in double and rounded once, integers wrap.
#include "tools/rducc/analysis/scalar_ops.hpp"

#include <cmath>
#include <limits>

#include "tools/rducc/ir/element.hpp"
#include "tools/rducc/ir/error.hpp"

namespace rducc::analysis {
namespace {

using ir::is_float;
using ir::is_unsigned;
using ir::wrap_to;
using rdu::artifact::Instr;
using rdu::artifact::Scalar;

double min_nan(double a, double b) {
  return std::isnan(a) || std::isnan(b) ? a + b : std::fmin(a, b);
}
double max_nan(double a, double b) {
  return std::isnan(a) || std::isnan(b) ? a + b : std::fmax(a, b);
}

double floor_mod(double a, double b) {
  const double rest = std::fmod(a, b);
  return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

double fused(rdu_dtype dtype, double a, double b, double c) {
  if (dtype == RDU_DTYPE_F32) {
    return std::fma(static_cast<float>(a), static_cast<float>(b), static_cast<float>(c));
  }
  return std::fma(a, b, c);
}

double unary_float(rdu_body_op op, double a) {
  switch (op) {
    case RDU_OP_NEG:
      return -a;
    case RDU_OP_ABS:
      return std::fabs(a);
    case RDU_OP_SIGN:
      return std::isnan(a) ? a : (a > 0) - (a < 0);
    case RDU_OP_SQRT:
      return std::sqrt(a);
    case RDU_OP_RSQRT:
      return 1.0 / std::sqrt(a);
    case RDU_OP_RCP:
      return 1.0 / a;
    case RDU_OP_EXP:
      return std::exp(a);
    case RDU_OP_LOG:
      return std::log(a);
    case RDU_OP_TANH:
      return std::tanh(a);
    case RDU_OP_ERF:
      return std::erf(a);
    case RDU_OP_SIN:
      return std::sin(a);
    case RDU_OP_COS:
      return std::cos(a);
    case RDU_OP_TAN:
      return std::tan(a);
    case RDU_OP_ASIN:
      return std::asin(a);
    case RDU_OP_ACOS:
      return std::acos(a);
    case RDU_OP_ATAN:
      return std::atan(a);
    case RDU_OP_SINH:
      return std::sinh(a);
    case RDU_OP_COSH:
      return std::cosh(a);
    case RDU_OP_ASINH:
      return std::asinh(a);
    case RDU_OP_ACOSH:
      return std::acosh(a);
    case RDU_OP_ATANH:
      return std::atanh(a);
    case RDU_OP_FLOOR:
      return std::floor(a);
    case RDU_OP_CEIL:
      return std::ceil(a);
    case RDU_OP_ROUND:
      return std::nearbyint(a);
    case RDU_OP_TRUNC:
      return std::trunc(a);
    default:
      break;
  }
  throw CompileError(CompileErrorKind::kInvalid, "operation has no meaning on floats");
}

double float_op(const Instr& instr, double a, double b, double c) {
  switch (instr.op) {
    case RDU_OP_ADD:
      return a + b;
    case RDU_OP_SUB:
      return a - b;
    case RDU_OP_MUL:
      return a * b;
    case RDU_OP_DIV:
      return a / b;
    case RDU_OP_REM:
      return std::fmod(a, b);
    case RDU_OP_MOD:
      return floor_mod(a, b);
    case RDU_OP_FMA:
      return fused(instr.dtype, a, b, c);
    case RDU_OP_MIN:
      return min_nan(a, b);
    case RDU_OP_MAX:
      return max_nan(a, b);
    case RDU_OP_POW:
      return std::pow(a, b);
    case RDU_OP_ATAN2:
      return std::atan2(a, b);
    default:
      return unary_float(instr.op, a);
  }
}

bool less(rdu_dtype dtype, std::int64_t a, std::int64_t b) {
  return dtype == RDU_DTYPE_U64 ? static_cast<std::uint64_t>(a) < static_cast<std::uint64_t>(b)
                                : a < b;
}

std::int64_t wrapping_mul(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(b));
}

std::int64_t wrapping_add(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

std::int64_t wrapping_neg(std::int64_t a) {
  return static_cast<std::int64_t>(0 - static_cast<std::uint64_t>(a));
}

std::int64_t divide(rdu_dtype dtype, std::int64_t a, std::int64_t b) {
  if (b == 0) return 0;
  if (dtype == RDU_DTYPE_U64) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) / static_cast<std::uint64_t>(b));
  }
  return b == -1 ? wrapping_neg(a) : a / b;
}

std::int64_t remainder(rdu_dtype dtype, std::int64_t a, std::int64_t b) {
  if (b == 0) return 0;
  return wrapping_add(a, wrapping_neg(wrapping_mul(divide(dtype, a, b), b)));
}

std::int64_t integer_power(rdu_dtype dtype, std::int64_t base, std::int64_t exponent) {
  if (exponent < 0 && !is_unsigned(dtype)) {
    if (base == 1) return 1;
    if (base == -1) return exponent % 2 == 0 ? 1 : -1;
    return 0;
  }
  std::int64_t result = 1;
  for (auto rest = static_cast<std::uint64_t>(exponent); rest != 0; rest >>= 1) {
    if (rest & 1) result = wrapping_mul(result, base);
    base = wrapping_mul(base, base);
  }
  return result;
}

std::int64_t shift(const Instr& instr, std::int64_t a, std::int64_t b) {
  const unsigned bits = rdu::base::dtype_bits(instr.dtype);
  if (b < 0 || static_cast<std::uint64_t>(b) >= bits) return 0;
  if (instr.op == RDU_OP_SHL) return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) << b);
  return is_unsigned(instr.dtype) ? static_cast<std::int64_t>(static_cast<std::uint64_t>(a) >> b)
                                  : a >> b;
}

std::int64_t integer_op(const Instr& instr, std::int64_t a, std::int64_t b, std::int64_t c) {
  const rdu_dtype dtype = instr.dtype;
  switch (instr.op) {
    case RDU_OP_ADD:
      return wrapping_add(a, b);
    case RDU_OP_SUB:
      return wrapping_add(a, wrapping_neg(b));
    case RDU_OP_MUL:
      return wrapping_mul(a, b);
    case RDU_OP_DIV:
      return divide(dtype, a, b);
    case RDU_OP_REM:
      return remainder(dtype, a, b);
    case RDU_OP_MOD: {
      const std::int64_t rest = remainder(dtype, a, b);
      return !is_unsigned(dtype) && rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
    }
    case RDU_OP_FMA:
      return wrapping_add(wrapping_mul(a, b), c);
    case RDU_OP_MIN:
      return less(dtype, b, a) ? b : a;
    case RDU_OP_MAX:
      return less(dtype, a, b) ? b : a;
    case RDU_OP_POW:
      return integer_power(dtype, a, b);
    case RDU_OP_NEG:
      return wrapping_neg(a);
    case RDU_OP_ABS:
      return !is_unsigned(dtype) && a < 0 ? wrapping_neg(a) : a;
    case RDU_OP_SIGN:
      return is_unsigned(dtype) ? a != 0 : (a > 0) - (a < 0);
    case RDU_OP_AND:
      return a & b;
    case RDU_OP_OR:
      return a | b;
    case RDU_OP_XOR:
      return a ^ b;
    case RDU_OP_NOT:
      return dtype == RDU_DTYPE_BOOL ? !a : ~a;
    case RDU_OP_SHL:
    case RDU_OP_SHR:
      return shift(instr, a, b);
    case RDU_OP_FLOOR:
    case RDU_OP_CEIL:
    case RDU_OP_ROUND:
    case RDU_OP_TRUNC:
      return a;
    default:
      break;
  }
  throw CompileError(CompileErrorKind::kInvalid, "operation has no meaning on integers");
}

template <typename T>
bool compare(rdu_body_op op, T a, T b) {
  switch (op) {
    case RDU_OP_EQ:
      return a == b;
    case RDU_OP_NE:
      return a != b;
    case RDU_OP_LT:
      return a < b;
    case RDU_OP_LE:
      return a <= b;
    case RDU_OP_GT:
      return a > b;
    default:
      return a >= b;
  }
}

bool compare_scalars(rdu_body_op op, rdu_dtype dtype, Scalar a, Scalar b) {
  if (is_float(dtype)) return compare(op, a.f, b.f);
  if (dtype == RDU_DTYPE_U64) {
    return compare(op, static_cast<std::uint64_t>(a.i), static_cast<std::uint64_t>(b.i));
  }
  return compare(op, a.i, b.i);
}

Scalar cast(rdu_dtype from, rdu_dtype to, Scalar a) {
  if (is_float(from)) {
    return is_float(to) ? Scalar{ir::round_to(to, a.f), 0} : Scalar{0, ir::saturate_to(to, a.f)};
  }
  if (is_float(to)) return {ir::round_to(to, ir::as_double(from, a.i)), 0};
  return {0, wrap_to(to, a.i)};
}

bool is_infinite(const Scalar& a, std::int64_t detect) {
  return std::isinf(a.f) && (detect & (a.f > 0 ? 1 : 2)) != 0;
}

}  // namespace

Scalar apply(const Instr& instr, rdu_dtype operand, Scalar a, Scalar b, Scalar c) {
  switch (instr.op) {
    case RDU_OP_CONST:
      return instr.imm;
    case RDU_OP_CAST:
      return cast(operand, instr.dtype, a);
    case RDU_OP_SELECT:
      return a.i ? b : c;
    case RDU_OP_ISNAN:
      return {0, std::isnan(a.f)};
    case RDU_OP_ISINF:
      return {0, is_infinite(a, instr.imm.i)};
    default:
      break;
  }
  if (instr.op >= RDU_OP_EQ && instr.op <= RDU_OP_GE) {
    return {0, compare_scalars(instr.op, operand, a, b)};
  }
  if (is_float(instr.dtype)) {
    return {ir::round_to(instr.dtype, float_op(instr, a.f, b.f, c.f)), 0};
  }
  return {0, wrap_to(instr.dtype, integer_op(instr, a.i, b.i, c.i))};
}

Scalar combine(rdu_combine_op op, rdu_dtype dtype, Scalar acc, Scalar value) {
  const auto by = [&](rdu_body_op body_op) {
    const Instr instr{body_op, dtype, 0, 0, 0, {}};
    // Floats accumulate in double; whoever ends the reduction rounds.
    if (is_float(dtype)) return Scalar{float_op(instr, acc.f, value.f, 0), 0};
    return apply(instr, dtype, acc, value, {});
  };
  switch (op) {
    case RDU_COMBINE_ADD:
      return by(RDU_OP_ADD);
    case RDU_COMBINE_MUL:
      return by(RDU_OP_MUL);
    case RDU_COMBINE_MIN:
      return by(RDU_OP_MIN);
    case RDU_COMBINE_MAX:
      return by(RDU_OP_MAX);
    case RDU_COMBINE_AND:
      return by(RDU_OP_AND);
    case RDU_COMBINE_OR:
      return by(RDU_OP_OR);
    default:
      return value;
  }
}

Scalar identity(rdu_combine_op op, rdu_dtype dtype) {
  const double infinity = std::numeric_limits<double>::infinity();
  const bool unsigned_type = is_unsigned(dtype);
  const std::int64_t largest = wrap_to(
      dtype,
      static_cast<std::int64_t>(~0ull >> (64 - rdu::base::dtype_bits(dtype) + !unsigned_type)));
  switch (op) {
    case RDU_COMBINE_MUL:
      return {1, 1};
    case RDU_COMBINE_MIN:
      return {infinity, largest};
    case RDU_COMBINE_MAX:
      return {-infinity, unsigned_type ? 0 : -largest - 1};
    case RDU_COMBINE_AND:
      return {1, wrap_to(dtype, -1)};
    default:
      return {0, 0};
  }
}

}  // namespace rducc::analysis
