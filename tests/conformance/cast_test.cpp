// CAST between all pairs of dtypes; SELECT and CONST of each; the packed dtypes in memory.
#include <cmath>
#include <limits>

#include "sdk/base/dtype.hpp"
#include "tests/conformance/case.hpp"
#include "tests/conformance/suite.hpp"

namespace conformance {
namespace {

const Number kNaN = std::numeric_limits<Number>::quiet_NaN();
const Number kInfinity = std::numeric_limits<Number>::infinity();
constexpr rdu_dtype kBytes[] = {F32, F64, F16, BF16, I8, I16, I32, I64, U8, U16, U32, U64, BOOL};
constexpr rdu_dtype kPacked[] = {I4, U4};

bool is_float(rdu_dtype dtype) { return rdu::base::is_float(dtype); }
bool is_signed(rdu_dtype dtype) { return rdu::base::is_signed_integer(dtype); }
int bits(rdu_dtype dtype) { return static_cast<int>(rdu::base::dtype_bits(dtype)); }
Number lowest(rdu_dtype dtype) { return is_signed(dtype) ? -std::ldexp(1.0L, bits(dtype) - 1) : 0; }
Number highest(rdu_dtype dtype) {
  return std::ldexp(1.0L, bits(dtype) - (is_signed(dtype) ? 1 : 0)) - 1;
}

Numbers numbers_of(rdu_dtype dtype) {
  if (dtype == BOOL) return {0, 1};
  if (!is_float(dtype)) {
    Numbers numbers{0, 1, 5, highest(dtype), highest(dtype) - 1};
    if (is_signed(dtype)) numbers.insert(numbers.end(), {-1, -5, lowest(dtype)});
    return numbers;
  }
  Numbers numbers{0,    1,      -1,  0.5L, -0.5L, 1.5L, -2.75L,    100,
                  -100, 255.5L, 300, -129, 40000, kNaN, kInfinity, -kInfinity};
  if (dtype != F16) numbers.insert(numbers.end(), {1e10L, -1e10L, 1e20L, -1e20L});
  for (Number& n : numbers) n = rounded(dtype, n);
  return numbers;
}

Number cast(rdu_dtype from, rdu_dtype to, Number n) {
  if (to == BOOL) return n != 0;
  if (is_float(to)) return rounded(to, n);
  if (is_float(from)) {
    if (std::isnan(n)) return 0;
    return std::fmin(std::fmax(std::trunc(n), lowest(to)), highest(to));
  }
  const Number modulus = std::ldexp(1.0L, bits(to));
  Number rest = std::fmod(n, modulus);
  if (rest < 0) rest += modulus;
  return rest > highest(to) ? rest - modulus : rest;
}

Numbers casted(rdu_dtype from, rdu_dtype to, const Numbers& numbers) {
  Case c;
  const auto count = static_cast<std::int64_t>(numbers.size());
  const ValueId x = c.input(from, {count}, numbers), y = c.output(to, {count});
  Node n = map({count});
  n.reads = {read(x, {loop(0)})};
  Code code;
  const auto v = code.load(0, from);
  n.body = code.result({code.op(RDU_OP_CAST, to, v)});
  n.writes = {{y, {}}};
  c.add(n);
  c.run();
  return c.get(y);
}

void check_cast(rdu_dtype from, rdu_dtype to) {
  INFO("from " << rdu::base::dtype_name(from) << " to " << rdu::base::dtype_name(to));
  const Numbers numbers = numbers_of(from);
  Numbers expected;
  for (const Number n : numbers) expected.push_back(cast(from, to, n));
  CHECK_SAME(casted(from, to, numbers), expected);
}

void check_from(std::initializer_list<rdu_dtype> froms) {
  for (const rdu_dtype from : froms) {
    for (const rdu_dtype to : kBytes) check_cast(from, to);
  }
}

void check_select(rdu_dtype dtype) {
  INFO(rdu::base::dtype_name(dtype));
  Case c;
  const Number high = dtype == BOOL ? 1 : 7;
  const ValueId condition = c.input(BOOL, {3}, {1, 0, 1}), x = c.input(dtype, {3}, {1, 1, 0}),
                y = c.output(dtype, {3});
  Node n = map({3});
  n.reads = {read(condition, {loop(0)}), read(x, {loop(0)})};
  Code code;
  const auto take = code.load(0, BOOL), a = code.load(1, dtype),
             b = code.number(dtype, static_cast<double>(high));
  n.body = code.result({code.op(RDU_OP_SELECT, dtype, take, a, b)});
  n.writes = {{y, {}}};
  c.add(n);
  c.run();
  CHECK_SAME(c.get(y), {1, high, 0});
}

}  // namespace

CONFORMANCE_CASE("cast: from floats truncates, saturates, NaN is 0") {
  check_from({F32, F64, F16, BF16});
}
CONFORMANCE_CASE("cast: from signed integers keeps the low bits") {
  check_from({I8, I16, I32, I64});
}
CONFORMANCE_CASE("cast: from unsigned integers keeps the low bits") {
  check_from({U8, U16, U32, U64});
}
CONFORMANCE_CASE("cast: from four bits and from bool") { check_from({I4, U4, BOOL}); }

CONFORMANCE_CASE("cast: f64 to 16-bit floats rounds once") {
  CHECK_SAME(casted(F64, F16,
                    {1 + 0x1p-11L, 1 + 0x1p-11L + 0x1p-40L, 65519.99L, 65520, 0x1p-25L, 0x1p-24L}),
             {1, 1 + 0x1p-10L, 65504, kInfinity, 0, 0x1p-24L});
  CHECK_SAME(casted(F64, BF16, {1 + 0x1p-8L, 1 + 0x1p-8L + 0x1p-40L, 1 + 3 * 0x1p-8L}),
             {1, 1 + 0x1p-7L, 1 + 0x1p-6L});
}

CONFORMANCE_CASE("cast: f32 to 16-bit floats rounds to even") {
  CHECK_SAME(casted(F32, F16, {2049, 2051, 70000, 1e-8L}), {2048, 2052, kInfinity, 0});
  CHECK_SAME(casted(F32, BF16, {257, 259, 3.4e38L}), {256, 260, rounded(BF16, 3.4e38L)});
}

CONFORMANCE_CASE("select and const of every dtype") {
  for (const rdu_dtype dtype : kBytes) check_select(dtype);
}

CONFORMANCE_CASE("packed: cast to four bits") {
  for (const rdu_dtype to : kPacked) {
    for (const rdu_dtype from : kBytes) check_cast(from, to);
    for (const rdu_dtype from : kPacked) check_cast(from, to);
  }
}

CONFORMANCE_CASE("packed: select and const of four bits") {
  for (const rdu_dtype dtype : kPacked) check_select(dtype);
}

CONFORMANCE_CASE("packed: four-bit elements are copied at odd and even positions") {
  for (const rdu_dtype dtype : kPacked) {
    Case c;
    const Numbers numbers = dtype == I4 ? Numbers{-8, -1, 0, 7, 3} : Numbers{15, 8, 0, 7, 3};
    const ValueId x = c.input(dtype, {5}, numbers), y = c.output(dtype, {5});
    Node n = map({5});
    n.reads = {read(x, {-1 * loop(0) + 4})};
    n.body = copy_of(dtype);
    n.writes = {{y, {}}};
    c.add(n);
    c.run();
    CHECK_SAME(c.get(y), Numbers(numbers.rbegin(), numbers.rend()));
  }
}

}  // namespace conformance
