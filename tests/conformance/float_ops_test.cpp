// Every body operation on every float dtype, against the C++ standard library.
#include <cmath>
#include <limits>

#include "tests/conformance/case.hpp"
#include "tests/conformance/suite.hpp"

namespace conformance {
namespace {

const Number kNaN = std::numeric_limits<Number>::quiet_NaN();
const Number kInfinity = std::numeric_limits<Number>::infinity();
constexpr rdu_dtype kFloats[] = {F32, F64, F16, BF16};

// Two neighbours of a dtype, nearly: what a function may be off by that is not an exact operation.
Number near(rdu_dtype dtype) {
  return dtype == F32 ? 4e-6L : dtype == F64 ? 1e-13L : dtype == F16 ? 2e-3L : 1.6e-2L;
}

Numbers all_rounded(rdu_dtype dtype, Numbers numbers) {
  for (Number& n : numbers) n = rounded(dtype, n);
  return numbers;
}

// y = op(a), op(a, b) or op(a, b, c) with as many operands as columns.
Numbers applied(rdu_body_op op, rdu_dtype dtype, rdu_dtype result,
                const std::vector<Numbers>& columns, std::int64_t imm = 0) {
  Case c;
  const auto count = static_cast<std::int64_t>(columns[0].size());
  Node n = map({count});
  Code code;
  std::uint32_t registers[3] = {};
  for (std::uint32_t k = 0; k < columns.size(); ++k) {
    n.reads.push_back(read(c.input(dtype, {count}, columns[k]), {loop(0)}));
    registers[k] = code.load(k, dtype);
  }
  n.body = code.result({code.op(op, result, registers[0], registers[1], registers[2], imm)});
  const ValueId y = c.output(result, {count});
  n.writes = {{y, {}}};
  c.add(n);
  c.run();
  return c.get(y);
}

// f in the arithmetic of the dtype. For the 16-bit floats float is wide enough that rounding twice does not show.
template <class F>
Numbers expected(rdu_dtype dtype, const std::vector<Numbers>& columns, F f) {
  Numbers result;
  for (std::size_t i = 0; i < columns[0].size(); ++i) {
    const auto at = [&](std::size_t k) { return k < columns.size() ? columns[k][i] : 0; };
    if (dtype == F64) {
      result.push_back(
          f(static_cast<double>(at(0)), static_cast<double>(at(1)), static_cast<double>(at(2))));
    } else {
      result.push_back(rounded(dtype, f(static_cast<float>(at(0)), static_cast<float>(at(1)),
                                        static_cast<float>(at(2)))));
    }
  }
  return result;
}

const Numbers kA{0,    -0.0L,  1,     -1,  2.5L, -2.5L,     3.5L,       0.5L, -0.5L,    7,
                 0.1L, -3.75L, 1e-3L, 100, kNaN, kInfinity, -kInfinity, 1,    kInfinity};
const Numbers kB{1,    2,     -3, 0.5L, 2, 2, -1.5L, 0,    -0.25L,    3,
                 0.3L, 1.25L, 5,  -7,   1, 2, 3,     kNaN, -kInfinity};
const Numbers kC{1, 0, 2, -3, 0.5L, 1, 4, -0.5L, 3, 8, 0.7L, 0.1L, 2, 9, 1, 1, 1, 1, 1};

template <class F>
void check_exact(rdu_body_op op, std::size_t operands, F f) {
  for (const rdu_dtype dtype : kFloats) {
    INFO("operation " << op << ", dtype " << dtype);
    std::vector<Numbers> columns{all_rounded(dtype, kA)};
    if (operands > 1) columns.push_back(all_rounded(dtype, kB));
    if (operands > 2) columns.push_back(all_rounded(dtype, kC));
    CHECK_SAME(applied(op, dtype, dtype, columns), expected(dtype, columns, f));
  }
}

template <class F>
void check_near(rdu_body_op op, std::size_t operands, const Numbers& a, F f) {
  for (const rdu_dtype dtype : kFloats) {
    INFO("operation " << op << ", dtype " << dtype);
    std::vector<Numbers> columns{all_rounded(dtype, a)};
    if (operands > 1)
      columns.push_back(
          all_rounded(dtype, Numbers(kB.begin(), kB.begin() + static_cast<long>(a.size()))));
    CHECK_NEAR(applied(op, dtype, dtype, columns), near(dtype), expected(dtype, columns, f));
  }
}

const Numbers kReal{0,     1,     -1,   0.5L,  -0.5L, 2,         -2,        0.1L,
                    -0.1L, 1e-3L, 3.3L, -5.7L, kNaN,  kInfinity, -kInfinity};
const Numbers kPositive{1, 0.5L, 2, 0.1L, 1e-3L, 3.3L, 100, 0, -1, kNaN, kInfinity};
const Numbers kUnit{0, 0.5L, -0.5L, 0.1L, -0.9L, 0.75L, 1, -1, 1.5L, kNaN};

#define UNARY(f) [](auto a, auto, auto) { return f(a); }
#define BINARY(e) [](auto a, auto b, auto) { return e; }

}  // namespace

CONFORMANCE_CASE("float: add, sub, mul, div") {
  check_exact(RDU_OP_ADD, 2, BINARY(a + b));
  check_exact(RDU_OP_SUB, 2, BINARY(a - b));
  check_exact(RDU_OP_MUL, 2, BINARY(a * b));
  check_exact(RDU_OP_DIV, 2, BINARY(a / b));
}

CONFORMANCE_CASE("float: fma rounds once") {
  check_exact(RDU_OP_FMA, 3, [](auto a, auto b, auto c) { return std::fma(a, b, c); });
  // a·b = 1 - 2^-24 for a = 1 - 2^-12, b = 1 + 2^-12: rounded before the subtraction it would be 1.
  const Numbers a{1 - 0x1p-12L}, b{1 + 0x1p-12L}, c{-1};
  CHECK_SAME(applied(RDU_OP_FMA, F32, F32, {a, b, c}), {-0x1p-24L});
  CHECK_SAME(applied(RDU_OP_FMA, F64, F64, {{1 - 0x1p-30L}, {1 + 0x1p-30L}, {-1}}), {-0x1p-60L});
}

CONFORMANCE_CASE("float: min and max, NaN where an operand is NaN") {
  check_exact(RDU_OP_MIN, 2,
              BINARY(std::isnan(a) || std::isnan(b) ? std::numeric_limits<decltype(a)>::quiet_NaN()
                                                    : std::fmin(a, b)));
  check_exact(RDU_OP_MAX, 2,
              BINARY(std::isnan(a) || std::isnan(b) ? std::numeric_limits<decltype(a)>::quiet_NaN()
                                                    : std::fmax(a, b)));
}

CONFORMANCE_CASE("float: rem has the dividend's sign, mod the divisor's") {
  const Numbers a{7, -7, 7, -7, 5.5L, -5.5L, 6, 0}, b{3, 3, -3, -3, 2, 2, -3, 5};
  for (const rdu_dtype dtype : kFloats) {
    INFO("dtype " << dtype);
    CHECK_SAME(applied(RDU_OP_REM, dtype, dtype, {a, b}), {1, -1, 1, -1, 1.5L, -1.5L, 0, 0});
    CHECK_SAME(applied(RDU_OP_MOD, dtype, dtype, {a, b}), {1, 2, -2, -1, 1.5L, 0.5L, 0, 0});
  }
}

CONFORMANCE_CASE("float: neg, abs, sign") {
  check_exact(RDU_OP_NEG, 1, UNARY(-));
  check_exact(RDU_OP_ABS, 1, UNARY(std::fabs));
  check_exact(RDU_OP_SIGN, 1, [](auto a, auto, auto) {
    return std::isnan(a) ? a : static_cast<decltype(a)>((a > 0) - (a < 0));
  });
}

CONFORMANCE_CASE("float: floor, ceil, round to even, trunc") {
  check_exact(RDU_OP_FLOOR, 1, UNARY(std::floor));
  check_exact(RDU_OP_CEIL, 1, UNARY(std::ceil));
  check_exact(RDU_OP_TRUNC, 1, UNARY(std::trunc));
  const Numbers halves{0.5L, 1.5L, 2.5L, -0.5L, -1.5L, 0.4L, 0.6L, 1e10L};
  CHECK_SAME(applied(RDU_OP_ROUND, F32, F32, {all_rounded(F32, halves)}),
             {0, 2, 2, 0, -2, 0, 1, 1e10L});
  CHECK_SAME(applied(RDU_OP_ROUND, F64, F64, {halves}), {0, 2, 2, 0, -2, 0, 1, 1e10L});
  CHECK_SAME(applied(RDU_OP_ROUND, F16, F16, {{0.5L, 1.5L, 2.5L, -3.5L}}), {0, 2, 2, -4});
  CHECK_SAME(applied(RDU_OP_ROUND, BF16, BF16, {{0.5L, 1.5L, 2.5L, -3.5L}}), {0, 2, 2, -4});
}

CONFORMANCE_CASE("float: sqrt is exact, rsqrt and rcp are near") {
  check_exact(RDU_OP_SQRT, 1, UNARY(std::sqrt));
  check_near(RDU_OP_RSQRT, 1, kPositive, [](auto a, auto, auto) { return 1 / std::sqrt(a); });
  check_near(RDU_OP_RCP, 1, kReal, [](auto a, auto, auto) { return 1 / a; });
}

CONFORMANCE_CASE("float: exp, log, pow") {
  check_near(RDU_OP_EXP, 1, kReal, UNARY(std::exp));
  check_near(RDU_OP_LOG, 1, kPositive, UNARY(std::log));
  const Numbers base{2, 9, 2, 0.5L, 10, 0, 5, -2, -2, 1, kNaN, 1, kInfinity, -8},
      power{10, 0.5L, -2, 3, 2, 3, 0, 3, 2, kNaN, 0, kInfinity, 2, 0.5L};
  for (const rdu_dtype dtype : kFloats) {
    INFO("dtype " << dtype);
    CHECK_NEAR(applied(RDU_OP_POW, dtype, dtype, {base, power}), near(dtype),
               expected(dtype, {base, power}, BINARY(std::pow(a, b))));
  }
}
CONFORMANCE_CASE("float: exp and log at the ends of their range") {
  const Numbers far{88, -87, 89, -104, 200, -200};
  CHECK_NEAR(applied(RDU_OP_EXP, F32, F32, {far}), 1e-5L, expected(F32, {far}, UNARY(std::exp)));
  const Numbers ends{3e38L, 1.2e-38L, 1, 0x1p-126L};
  CHECK_NEAR(applied(RDU_OP_LOG, F32, F32, {all_rounded(F32, ends)}), 1e-5L,
             expected(F32, {ends}, UNARY(std::log)));
}

CONFORMANCE_CASE("float: tanh, erf") {
  check_near(RDU_OP_TANH, 1, kReal, UNARY(std::tanh));
  check_near(RDU_OP_ERF, 1, kReal, UNARY(std::erf));
}
CONFORMANCE_CASE("float: sin, cos, tan") {
  const Numbers angles{0, 1, -1, 0.5L, 2, -2, 0.1L, 1e-3L, 3.3L, -5.7L, 30, kNaN, kInfinity};
  check_near(RDU_OP_SIN, 1, angles, UNARY(std::sin));
  check_near(RDU_OP_COS, 1, angles, UNARY(std::cos));
  check_near(RDU_OP_TAN, 1, angles, UNARY(std::tan));
}
CONFORMANCE_CASE("float: asin, acos, atan, atan2") {
  check_near(RDU_OP_ASIN, 1, kUnit, UNARY(std::asin));
  check_near(RDU_OP_ACOS, 1, kUnit, UNARY(std::acos));
  check_near(RDU_OP_ATAN, 1, kReal, UNARY(std::atan));
  check_near(RDU_OP_ATAN2, 2, kReal, BINARY(std::atan2(a, b)));
}
CONFORMANCE_CASE("float: sinh, cosh, asinh, acosh, atanh") {
  check_near(RDU_OP_SINH, 1, kReal, UNARY(std::sinh));
  check_near(RDU_OP_COSH, 1, kReal, UNARY(std::cosh));
  check_near(RDU_OP_ASINH, 1, kReal, UNARY(std::asinh));
  check_near(RDU_OP_ACOSH, 1, {1, 2, 1.5L, 100, 0.5L, kNaN}, UNARY(std::acosh));
  check_near(RDU_OP_ATANH, 1, kUnit, UNARY(std::atanh));
}

CONFORMANCE_CASE("float: comparisons, false with NaN except for NE") {
  const Numbers a{1, 2, 3, kNaN, 1, kNaN, kInfinity, -0.0L},
      b{2, 2, 1, 1, kNaN, kNaN, kInfinity, 0};
  for (const rdu_dtype dtype : kFloats) {
    INFO("dtype " << dtype);
    CHECK_SAME(applied(RDU_OP_EQ, dtype, BOOL, {a, b}), {0, 1, 0, 0, 0, 0, 1, 1});
    CHECK_SAME(applied(RDU_OP_NE, dtype, BOOL, {a, b}), {1, 0, 1, 1, 1, 1, 0, 0});
    CHECK_SAME(applied(RDU_OP_LT, dtype, BOOL, {a, b}), {1, 0, 0, 0, 0, 0, 0, 0});
    CHECK_SAME(applied(RDU_OP_LE, dtype, BOOL, {a, b}), {1, 1, 0, 0, 0, 0, 1, 1});
    CHECK_SAME(applied(RDU_OP_GT, dtype, BOOL, {a, b}), {0, 0, 1, 0, 0, 0, 0, 0});
    CHECK_SAME(applied(RDU_OP_GE, dtype, BOOL, {a, b}), {0, 1, 1, 0, 0, 0, 1, 1});
  }
}

CONFORMANCE_CASE("float: isnan and isinf") {
  const Numbers a{0, kNaN, kInfinity, -kInfinity, 5};
  for (const rdu_dtype dtype : kFloats) {
    INFO("dtype " << dtype);
    CHECK_SAME(applied(RDU_OP_ISNAN, dtype, BOOL, {a}), {0, 1, 0, 0, 0});
    CHECK_SAME(applied(RDU_OP_ISINF, dtype, BOOL, {a}, 3), {0, 0, 1, 1, 0});
    CHECK_SAME(applied(RDU_OP_ISINF, dtype, BOOL, {a}, 1), {0, 0, 1, 0, 0});
    CHECK_SAME(applied(RDU_OP_ISINF, dtype, BOOL, {a}, 2), {0, 0, 0, 1, 0});
  }
}

CONFORMANCE_CASE("float: each operation rounds to its dtype") {
  // 2049 + 1 in f16: 2049 rounds to 2048 when it is read; 2048 + 1 rounds to 2048, and so it stays.
  for (const rdu_dtype dtype : {F16, BF16}) {
    const Number big = dtype == F16 ? 2048 : 256;
    Case c;
    const ValueId x = c.input(dtype, {}, {big}), y = c.output(dtype, {});
    Node n = map({});
    n.reads = {read(x, {})};
    Code code;
    const auto v = code.load(0, dtype), one = code.number(dtype, 1);
    const auto once = code.op(RDU_OP_ADD, dtype, v, one),
               twice = code.op(RDU_OP_ADD, dtype, once, one);
    n.body = code.result({twice});
    n.writes = {{y, {}}};
    c.add(n);
    c.run();
    CHECK_SAME(c.get(y), {big});
  }
}

}  // namespace conformance
