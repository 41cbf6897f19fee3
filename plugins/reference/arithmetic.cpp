// The definition of every operation of <rdu/body_ops.h>. Floats are computed in double and rounded to the
// instruction's dtype by the caller's narrow(); for + - * / sqrt that equals rounding once.
#include "plugins/reference/arithmetic.hpp"

#include <bit>
#include <cmath>

namespace rdu::reference {
namespace {

// fma in double may round, and narrowing rounds again. Rounding the double to odd makes the pair exact.
double fma_for(rdu_dtype dtype, double a, double b, double c) {
  if (dtype == RDU_DTYPE_F64) return std::fma(a, b, c);
  const double product = a * b;  // exact: the operands have at most 24 bits each
  const double sum = product + c;
  if (!std::isfinite(sum)) return sum;
  const double part = sum - product;
  const double lost = (product - (sum - part)) + (c - part);
  const bool odd = (std::bit_cast<std::uint64_t>(sum) & 1) != 0;
  if (lost == 0 || odd) return sum;
  return std::nextafter(sum, lost > 0 ? HUGE_VAL : -HUGE_VAL);
}

double float_mod(double a, double b) {
  const double rest = std::fmod(a, b);
  if (rest == 0) return std::copysign(0.0, b);
  return (rest < 0) != (b < 0) ? rest + b : rest;
}

double minimum(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return a + b;
  return b < a ? b : a;
}

double maximum(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return a + b;
  return b > a ? b : a;
}

double apply_float(const Instruction& in, double a, double b, double c) {
  switch (in.op) {
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
      return float_mod(a, b);
    case RDU_OP_FMA:
      return fma_for(in.dtype, a, b, c);
    case RDU_OP_MIN:
      return minimum(a, b);
    case RDU_OP_MAX:
      return maximum(a, b);
    case RDU_OP_POW:
      return std::pow(a, b);
    case RDU_OP_ATAN2:
      return std::atan2(a, b);
    case RDU_OP_NEG:
      return -a;
    case RDU_OP_ABS:
      return std::fabs(a);
    case RDU_OP_SIGN:
      return a > 0 ? 1.0 : a < 0 ? -1.0 : a;
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
    default:
      return std::trunc(a);
  }
}

// Integers are computed modulo 2^64 and narrowed by the caller. Dividing by zero gives 0.
std::uint64_t integer_power(std::uint64_t base, std::uint64_t exponent) {
  std::uint64_t power = 1;
  for (; exponent != 0; exponent >>= 1) {
    if ((exponent & 1) != 0) power *= base;
    base *= base;
  }
  return power;
}

std::int64_t signed_power(std::int64_t base, std::int64_t exponent) {
  if (exponent >= 0) return static_cast<std::int64_t>(integer_power(base, exponent));
  if (base == 1) return 1;
  if (base == -1) return exponent % 2 == 0 ? 1 : -1;
  return 0;  // 1 / base^n truncates to 0, and so does a division by zero
}

std::int64_t wrapping_negate(std::int64_t a) {
  return static_cast<std::int64_t>(0 - static_cast<std::uint64_t>(a));
}

std::int64_t divide(std::int64_t a, std::int64_t b) {
  if (b == 0) return 0;
  return b == -1 ? wrapping_negate(a) : a / b;
}

std::int64_t remainder(std::int64_t a, std::int64_t b) { return b == 0 || b == -1 ? 0 : a % b; }

std::int64_t floor_remainder(std::int64_t a, std::int64_t b) {
  const std::int64_t rest = remainder(a, b);
  return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

std::int64_t shift(const Instruction& in, std::int64_t a, std::int64_t b) {
  const auto count = static_cast<std::uint64_t>(b);
  if (count >= plugin::dtype_bits(in.dtype)) return 0;
  if (in.op == RDU_OP_SHL) return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) << count);
  if (kind_of(in.dtype) == Kind::kSigned) return a >> count;
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) >> count);
}

std::int64_t apply_signed(const Instruction& in, std::int64_t a, std::int64_t b) {
  switch (in.op) {
    case RDU_OP_DIV:
      return divide(a, b);
    case RDU_OP_REM:
      return remainder(a, b);
    case RDU_OP_MOD:
      return floor_remainder(a, b);
    case RDU_OP_MIN:
      return b < a ? b : a;
    case RDU_OP_MAX:
      return b > a ? b : a;
    case RDU_OP_POW:
      return signed_power(a, b);
    case RDU_OP_ABS:
      return a < 0 ? wrapping_negate(a) : a;
    default:
      return a > 0 ? 1 : a < 0 ? -1 : 0;  // SIGN
  }
}

std::uint64_t apply_unsigned(const Instruction& in, std::uint64_t a, std::uint64_t b) {
  switch (in.op) {
    case RDU_OP_DIV:
      return b == 0 ? 0 : a / b;
    case RDU_OP_REM:
    case RDU_OP_MOD:
      return b == 0 ? 0 : a % b;
    case RDU_OP_MIN:
      return b < a ? b : a;
    case RDU_OP_MAX:
      return b > a ? b : a;
    case RDU_OP_POW:
      return integer_power(a, b);
    case RDU_OP_ABS:
      return a;
    default:
      return a != 0;  // SIGN
  }
}

std::int64_t apply_integer(const Instruction& in, std::int64_t a, std::int64_t b, std::int64_t c) {
  const auto ua = static_cast<std::uint64_t>(a), ub = static_cast<std::uint64_t>(b);
  switch (in.op) {
    case RDU_OP_ADD:
      return static_cast<std::int64_t>(ua + ub);
    case RDU_OP_SUB:
      return static_cast<std::int64_t>(ua - ub);
    case RDU_OP_MUL:
      return static_cast<std::int64_t>(ua * ub);
    case RDU_OP_FMA:
      return static_cast<std::int64_t>(ua * ub + static_cast<std::uint64_t>(c));
    case RDU_OP_NEG:
      return wrapping_negate(a);
    case RDU_OP_AND:
      return a & b;
    case RDU_OP_OR:
      return a | b;
    case RDU_OP_XOR:
      return a ^ b;
    case RDU_OP_NOT:
      return in.dtype == RDU_DTYPE_BOOL ? a == 0 : ~a;
    case RDU_OP_SHL:
    case RDU_OP_SHR:
      return shift(in, a, b);
    case RDU_OP_FLOOR:
    case RDU_OP_CEIL:
    case RDU_OP_ROUND:
    case RDU_OP_TRUNC:
      return a;
    default:
      if (kind_of(in.dtype) == Kind::kSigned) return apply_signed(in, a, b);
      return static_cast<std::int64_t>(apply_unsigned(in, ua, ub));
  }
}

template <class T>
bool compare(std::uint32_t op, T a, T b) {
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

bool compare_as(Kind kind, std::uint32_t op, Scalar a, Scalar b) {
  if (kind == Kind::kFloat) return compare(op, a.f, b.f);
  if (kind == Kind::kSigned) return compare(op, a.i, b.i);
  return compare(op, static_cast<std::uint64_t>(a.i), static_cast<std::uint64_t>(b.i));
}

bool is_infinite(const Instruction& in, double a) {
  return std::isinf(a) && (in.imm.i & (a > 0 ? 1 : 2)) != 0;
}

}  // namespace

Scalar apply(const Instruction& in, const Scalar* r) {
  switch (in.op) {
    case RDU_OP_CONST:
      return in.imm;
    case RDU_OP_CAST:
      return cast(in.operand, in.dtype, r[in.a]);
    case RDU_OP_SELECT:
      return r[in.a].i != 0 ? r[in.b] : r[in.c];
    case RDU_OP_ISNAN:
      return of_integer(std::isnan(r[in.a].f));
    case RDU_OP_ISINF:
      return of_integer(is_infinite(in, r[in.a].f));
    case RDU_OP_EQ:
    case RDU_OP_NE:
    case RDU_OP_LT:
    case RDU_OP_LE:
    case RDU_OP_GT:
    case RDU_OP_GE:
      return of_integer(compare_as(kind_of(in.operand), in.op, r[in.a], r[in.b]));
    default:
      break;
  }
  if (plugin::is_float(in.dtype)) {
    return of_float(round_to(in.dtype, apply_float(in, r[in.a].f, r[in.b].f, r[in.c].f)));
  }
  return of_integer(wrap_to(in.dtype, apply_integer(in, r[in.a].i, r[in.b].i, r[in.c].i)));
}

bool defined_on(std::uint32_t op, Kind kind) {
  const bool is_float = kind == Kind::kFloat;
  if (op >= RDU_NUM_BODY_OPS) return false;
  if (op <= RDU_OP_CAST || op == RDU_OP_SELECT) return true;
  if (op >= RDU_OP_EQ && op <= RDU_OP_GE) return true;
  if (op >= RDU_OP_AND && op <= RDU_OP_NOT) return !is_float;
  if (op == RDU_OP_SHL || op == RDU_OP_SHR) return !is_float && kind != Kind::kBool;
  const bool transcendental = op == RDU_OP_ATAN2 || (op >= RDU_OP_SQRT && op <= RDU_OP_ATANH);
  if (transcendental || op == RDU_OP_ISNAN || op == RDU_OP_ISINF || op == RDU_OP_RNG)
    return is_float;
  return true;
}

double random_uniform(rdu_dtype dtype, std::uint64_t seed, std::uint64_t position) {
  std::uint64_t z = seed + (position + 1) * 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  z ^= z >> 31;
  const int digits = dtype == RDU_DTYPE_F64   ? 53
                     : dtype == RDU_DTYPE_F32 ? 24
                     : dtype == RDU_DTYPE_F16 ? 11
                                              : 8;
  return std::ldexp(static_cast<double>(z >> (64 - digits)), -digits);
}

}  // namespace rdu::reference
