// Every body operation on every integer dtype and on BOOL, against 128-bit arithmetic reduced modulo 2^n.
#include <limits>

#include "sdk/base/dtype.hpp"
#include "tests/conformance/case.hpp"
#include "tests/conformance/suite.hpp"

namespace conformance {
namespace {

using Wide = __int128;
constexpr rdu_dtype kIntegers[] = {I8, I16, I32, I64, U8, U16, U32, U64};

bool is_signed(rdu_dtype dtype) { return rdu::base::is_signed_integer(dtype); }
int bits(rdu_dtype dtype) { return static_cast<int>(rdu::base::dtype_bits(dtype)); }
Wide lowest(rdu_dtype dtype) { return is_signed(dtype) ? -(Wide{1} << (bits(dtype) - 1)) : 0; }
Wide highest(rdu_dtype dtype) {
  return (Wide{1} << (bits(dtype) - (is_signed(dtype) ? 1 : 0))) - 1;
}

// The number of the dtype that is congruent to `n`.
Number wrapped(rdu_dtype dtype, Wide n) {
  const Wide modulus = Wide{1} << bits(dtype);
  Wide rest = n % modulus;
  if (rest < 0) rest += modulus;
  if (rest > highest(dtype)) rest -= modulus;
  return static_cast<Number>(rest);
}

Numbers applied(rdu_body_op op, rdu_dtype dtype, rdu_dtype result,
                const std::vector<Numbers>& columns) {
  Case c;
  const auto count = static_cast<std::int64_t>(columns[0].size());
  Node n = map({count});
  Code code;
  std::uint32_t registers[3] = {};
  for (std::uint32_t k = 0; k < columns.size(); ++k) {
    n.reads.push_back(read(c.input(dtype, {count}, columns[k]), {loop(0)}));
    registers[k] = code.load(k, dtype);
  }
  n.body = code.result({code.op(op, result, registers[0], registers[1], registers[2])});
  const ValueId y = c.output(result, {count});
  n.writes = {{y, {}}};
  c.add(n);
  c.run();
  return c.get(y);
}

// All pairs of numbers that are interesting in a dtype.
void pairs(rdu_dtype dtype, Numbers& a, Numbers& b) {
  std::vector<Wide> edges{0, 1, 2, 3, 7, 13, highest(dtype), highest(dtype) - 1};
  if (is_signed(dtype)) edges.insert(edges.end(), {-1, -2, -7, lowest(dtype), lowest(dtype) + 1});
  for (const Wide x : edges) {
    for (const Wide y : edges) {
      a.push_back(static_cast<Number>(x));
      b.push_back(static_cast<Number>(y));
    }
  }
}

template <class F>
void check(rdu_body_op op, F f) {
  for (const rdu_dtype dtype : kIntegers) {
    INFO("operation " << op << ", dtype " << dtype);
    Numbers a, b, expected;
    pairs(dtype, a, b);
    for (std::size_t i = 0; i < a.size(); ++i) {
      expected.push_back(wrapped(dtype, f(static_cast<Wide>(a[i]), static_cast<Wide>(b[i]))));
    }
    CHECK_SAME(applied(op, dtype, dtype, {a, b}), expected);
  }
}

template <class F>
void check_unary(rdu_body_op op, F f) {
  for (const rdu_dtype dtype : kIntegers) {
    INFO("operation " << op << ", dtype " << dtype);
    Numbers a, b, expected;
    pairs(dtype, a, b);
    for (const Number x : a) expected.push_back(wrapped(dtype, f(static_cast<Wide>(x))));
    CHECK_SAME(applied(op, dtype, dtype, {a}), expected);
  }
}

}  // namespace

CONFORMANCE_CASE("integer: add, sub, mul wrap") {
  check(RDU_OP_ADD, [](Wide a, Wide b) { return a + b; });
  check(RDU_OP_SUB, [](Wide a, Wide b) { return a - b; });
  check(RDU_OP_MUL, [](Wide a, Wide b) {
    return static_cast<Wide>(static_cast<unsigned __int128>(a) * static_cast<unsigned __int128>(b));
  });
}

CONFORMANCE_CASE("integer: fma wraps") {
  for (const rdu_dtype dtype : kIntegers) {
    CHECK_SAME(applied(RDU_OP_FMA, dtype, dtype, {{100, 3, 0}, {100, 4, 9}, {7, 5, 1}}),
               {wrapped(dtype, 10007), 17, 1});
  }
}

CONFORMANCE_CASE(
    "integer: div truncates, rem follows it, mod has the divisor's sign; by zero is 0") {
  check(RDU_OP_DIV, [](Wide a, Wide b) { return b == 0 ? 0 : a / b; });
  check(RDU_OP_REM, [](Wide a, Wide b) { return b == 0 ? 0 : a % b; });
  check(RDU_OP_MOD, [](Wide a, Wide b) {
    if (b == 0) return Wide{0};
    const Wide rest = a % b;
    return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
  });
}

CONFORMANCE_CASE("integer: min, max") {
  check(RDU_OP_MIN, [](Wide a, Wide b) { return a < b ? a : b; });
  check(RDU_OP_MAX, [](Wide a, Wide b) { return a > b ? a : b; });
}

CONFORMANCE_CASE("integer: neg, abs, sign, not") {
  check_unary(RDU_OP_NEG, [](Wide a) { return -a; });
  check_unary(RDU_OP_ABS, [](Wide a) { return a < 0 ? -a : a; });
  check_unary(RDU_OP_SIGN, [](Wide a) { return static_cast<Wide>((a > 0) - (a < 0)); });
  check_unary(RDU_OP_NOT, [](Wide a) { return ~a; });
}

CONFORMANCE_CASE("integer: and, or, xor") {
  check(RDU_OP_AND, [](Wide a, Wide b) { return a & b; });
  check(RDU_OP_OR, [](Wide a, Wide b) { return a | b; });
  check(RDU_OP_XOR, [](Wide a, Wide b) { return a ^ b; });
}

CONFORMANCE_CASE("integer: pow") {
  for (const rdu_dtype dtype : kIntegers) {
    CHECK_SAME(applied(RDU_OP_POW, dtype, dtype, {{2, 3, 5, 1, 0, 7}, {6, 4, 0, 100, 3, 2}}),
               {64, 81, 1, 1, 0, 49});
    if (is_signed(dtype))
      CHECK_SAME(applied(RDU_OP_POW, dtype, dtype, {{-2, -1, -1}, {5, 7, 8}}), {-32, -1, 1});
  }
}

CONFORMANCE_CASE("integer: shifts, by the width and more give 0") {
  for (const rdu_dtype dtype : kIntegers) {
    INFO("dtype " << dtype);
    const Number width = bits(dtype), top = static_cast<Number>(highest(dtype));
    const Numbers a{1, 3, top, 1, 1, top}, b{2, 0, 1, width - 1, width, 100};
    Numbers left, right;
    for (std::size_t i = 0; i < a.size(); ++i) {
      const auto x = static_cast<Wide>(a[i]), by = static_cast<Wide>(b[i]);
      left.push_back(by >= bits(dtype) ? 0 : wrapped(dtype, x << by));
      right.push_back(by >= bits(dtype) ? 0 : wrapped(dtype, x >> by));
    }
    CHECK_SAME(applied(RDU_OP_SHL, dtype, dtype, {a, b}), left);
    CHECK_SAME(applied(RDU_OP_SHR, dtype, dtype, {a, b}), right);
    if (is_signed(dtype))
      CHECK_SAME(applied(RDU_OP_SHR, dtype, dtype, {{-8, -1, -7}, {1, 3, 1}}), {-4, -1, -4});
  }
}

CONFORMANCE_CASE("integer: comparisons") {
  const std::pair<rdu_body_op, bool (*)(Wide, Wide)> comparisons[] = {
      {RDU_OP_EQ, [](Wide a, Wide b) { return a == b; }},
      {RDU_OP_NE, [](Wide a, Wide b) { return a != b; }},
      {RDU_OP_LT, [](Wide a, Wide b) { return a < b; }},
      {RDU_OP_LE, [](Wide a, Wide b) { return a <= b; }},
      {RDU_OP_GT, [](Wide a, Wide b) { return a > b; }},
      {RDU_OP_GE, [](Wide a, Wide b) { return a >= b; }}};
  for (const rdu_dtype dtype : kIntegers) {
    for (const auto& [op, f] : comparisons) {
      INFO("operation " << op << ", dtype " << dtype);
      Numbers a, b, expected;
      pairs(dtype, a, b);
      for (std::size_t i = 0; i < a.size(); ++i)
        expected.push_back(f(static_cast<Wide>(a[i]), static_cast<Wide>(b[i])));
      CHECK_SAME(applied(op, dtype, BOOL, {a, b}), expected);
    }
  }
}

CONFORMANCE_CASE("bool: logic and comparisons") {
  const Numbers a{0, 0, 1, 1}, b{0, 1, 0, 1};
  CHECK_SAME(applied(RDU_OP_AND, BOOL, BOOL, {a, b}), {0, 0, 0, 1});
  CHECK_SAME(applied(RDU_OP_OR, BOOL, BOOL, {a, b}), {0, 1, 1, 1});
  CHECK_SAME(applied(RDU_OP_XOR, BOOL, BOOL, {a, b}), {0, 1, 1, 0});
  CHECK_SAME(applied(RDU_OP_NOT, BOOL, BOOL, {a}), {1, 1, 0, 0});
  CHECK_SAME(applied(RDU_OP_EQ, BOOL, BOOL, {a, b}), {1, 0, 0, 1});
  CHECK_SAME(applied(RDU_OP_NE, BOOL, BOOL, {a, b}), {0, 1, 1, 0});
}

}  // namespace conformance
