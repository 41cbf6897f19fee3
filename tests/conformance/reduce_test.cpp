// reduce: every combine on every kind of dtype, identities, argmin and argmax, epilogues, softmax.
#include <cmath>
#include <limits>

#include "tests/conformance/case.hpp"
#include "tests/conformance/suite.hpp"

namespace conformance {
namespace {

const Number kNaN = std::numeric_limits<Number>::quiet_NaN();
const Number kInfinity = std::numeric_limits<Number>::infinity();

// Reduces the last dimension of x [rows, length].
Numbers reduced(rdu_combine_op combine, rdu_dtype dtype, rdu_dtype acc_dtype, std::int64_t rows,
                std::int64_t length, const Numbers& numbers) {
  Case c;
  const bool arg = combine >= RDU_COMBINE_ARGMIN_FIRST && combine <= RDU_COMBINE_ARGMAX_LAST;
  const ValueId x = c.input(dtype, {rows, length}, numbers),
                y = c.output(arg ? I64 : acc_dtype, {rows});
  Node n = reduce({rows, length}, 1, combine, acc_dtype);
  n.reads = {read(x, {loop(0), loop(1)})};
  Code code;
  const auto v = code.load(0, dtype);
  n.body = code.result({dtype == acc_dtype || arg ? v : code.op(RDU_OP_CAST, acc_dtype, v)});
  n.writes = {{y, {}}};
  c.add(n);
  c.run();
  return c.get(y);
}

Numbers reduced(rdu_combine_op combine, rdu_dtype dtype, const Numbers& row) {
  return reduced(combine, dtype, dtype, 1, static_cast<std::int64_t>(row.size()), row);
}

Numbers arg(rdu_combine_op combine, rdu_dtype dtype, const Numbers& row) {
  return reduced(combine, dtype, dtype, 1, static_cast<std::int64_t>(row.size()), row);
}

}  // namespace

CONFORMANCE_CASE("reduce: add and mul on every number dtype") {
  for (const rdu_dtype dtype : {F32, F64, F16, BF16, I8, I16, I32, I64, U8, U16, U32, U64}) {
    INFO("dtype " << dtype);
    CHECK_SAME(reduced(RDU_COMBINE_ADD, dtype, dtype, 2, 4, {1, 2, 3, 4, 5, 6, 7, 8}), {10, 26});
    CHECK_SAME(reduced(RDU_COMBINE_MUL, dtype, dtype, 2, 3, {1, 2, 3, 4, 5, 6}), {6, 120});
  }
}

CONFORMANCE_CASE("reduce: min and max on every number dtype") {
  for (const rdu_dtype dtype : {F32, F64, F16, BF16, I8, I16, I32, I64}) {
    INFO("dtype " << dtype);
    CHECK_SAME(reduced(RDU_COMBINE_MIN, dtype, {3, -2, 7, 0}), {-2});
    CHECK_SAME(reduced(RDU_COMBINE_MAX, dtype, {-3, -2, -7, -9}), {-2});
  }
  for (const rdu_dtype dtype : {U8, U16, U32, U64}) {
    INFO("dtype " << dtype);
    CHECK_SAME(reduced(RDU_COMBINE_MIN, dtype, {250, 3, 200, 4}), {3});
    CHECK_SAME(reduced(RDU_COMBINE_MAX, dtype, {250, 3, 200, 4}), {250});
  }
  CHECK_SAME(reduced(RDU_COMBINE_MAX, U64, {1, 18446744073709551615.0L, 5}),
             {18446744073709551615.0L});
}

CONFORMANCE_CASE("reduce: and, or") {
  CHECK_SAME(reduced(RDU_COMBINE_AND, BOOL, BOOL, 4, 2, {0, 0, 0, 1, 1, 0, 1, 1}), {0, 0, 0, 1});
  CHECK_SAME(reduced(RDU_COMBINE_OR, BOOL, BOOL, 4, 2, {0, 0, 0, 1, 1, 0, 1, 1}), {0, 1, 1, 1});
}

CONFORMANCE_CASE("reduce: integers wrap") {
  CHECK_SAME(reduced(RDU_COMBINE_ADD, I8, {100, 100, 100}), {44});
  CHECK_SAME(reduced(RDU_COMBINE_ADD, U8, {200, 100}), {44});
  CHECK_SAME(reduced(RDU_COMBINE_MUL, I16, {300, 300}), {24464});
  CHECK_SAME(reduced(RDU_COMBINE_ADD, I64, {9223372036854775807.0L, 1}), {-9223372036854775808.0L});
}

CONFORMANCE_CASE("reduce: the accumulator may be wider than what is reduced") {
  CHECK_SAME(reduced(RDU_COMBINE_ADD, I8, I32, 1, 4, {127, 127, 127, 127}), {508});
  CHECK_SAME(reduced(RDU_COMBINE_ADD, F16, F32, 1, 3, {60000, 60000, 1}), {120001});
}

CONFORMANCE_CASE("reduce: NaN wins in min and max") {
  for (const rdu_dtype dtype : {F32, F64}) {
    CHECK_SAME(reduced(RDU_COMBINE_MIN, dtype, dtype, 3, 2, {kNaN, 1, 1, kNaN, 1, 2}),
               {kNaN, kNaN, 1});
    CHECK_SAME(reduced(RDU_COMBINE_MAX, dtype, dtype, 3, 2, {kNaN, 1, 1, kNaN, 1, 2}),
               {kNaN, kNaN, 2});
  }
}

CONFORMANCE_CASE("reduce: an empty reduction yields the identity") {
  CHECK_SAME(reduced(RDU_COMBINE_ADD, F32, F32, 2, 0, {}), {0, 0});
  CHECK_SAME(reduced(RDU_COMBINE_MUL, F32, F32, 2, 0, {}), {1, 1});
  CHECK_SAME(reduced(RDU_COMBINE_MIN, F32, F32, 1, 0, {}), {kInfinity});
  CHECK_SAME(reduced(RDU_COMBINE_MAX, F64, F64, 1, 0, {}), {-kInfinity});
  CHECK_SAME(reduced(RDU_COMBINE_MIN, I8, I8, 1, 0, {}), {127});
  CHECK_SAME(reduced(RDU_COMBINE_MAX, I8, I8, 1, 0, {}), {-128});
  CHECK_SAME(reduced(RDU_COMBINE_MIN, U32, U32, 1, 0, {}), {4294967295.0L});
  CHECK_SAME(reduced(RDU_COMBINE_MAX, U32, U32, 1, 0, {}), {0});
  CHECK_SAME(reduced(RDU_COMBINE_MAX, I64, I64, 1, 0, {}), {-9223372036854775808.0L});
  CHECK_SAME(reduced(RDU_COMBINE_AND, BOOL, BOOL, 1, 0, {}), {1});
  CHECK_SAME(reduced(RDU_COMBINE_OR, BOOL, BOOL, 1, 0, {}), {0});
}

CONFORMANCE_CASE("reduce: argmin and argmax, first and last of a tie") {
  for (const rdu_dtype dtype : {F32, F64, I8, I32, I64}) {
    INFO("dtype " << dtype);
    const Numbers row{2, -1, 5, -1, 5, 0};
    CHECK_SAME(arg(RDU_COMBINE_ARGMIN_FIRST, dtype, row), {1});
    CHECK_SAME(arg(RDU_COMBINE_ARGMIN_LAST, dtype, row), {3});
    CHECK_SAME(arg(RDU_COMBINE_ARGMAX_FIRST, dtype, row), {2});
    CHECK_SAME(arg(RDU_COMBINE_ARGMAX_LAST, dtype, row), {4});
  }
  CHECK_SAME(arg(RDU_COMBINE_ARGMAX_FIRST, U8, {1, 200, 100}), {1});
}

CONFORMANCE_CASE("reduce: argmin and argmax of NaN") {
  const Numbers row{1, kNaN, 9, kNaN, 0};
  CHECK_SAME(arg(RDU_COMBINE_ARGMIN_FIRST, F32, row), {1});
  CHECK_SAME(arg(RDU_COMBINE_ARGMIN_LAST, F32, row), {3});
  CHECK_SAME(arg(RDU_COMBINE_ARGMAX_FIRST, F32, row), {1});
  CHECK_SAME(arg(RDU_COMBINE_ARGMAX_LAST, F32, row), {3});
}

CONFORMANCE_CASE("reduce: argmax over two loops is a row-major position") {
  Case c;
  const ValueId x = c.input(F32, {2, 3, 4}, iota(24)), y = c.output(I64, {2});
  Node n = reduce({2, 4, 3}, 1, RDU_COMBINE_ARGMAX_FIRST, F32);  // reduces the transposed matrix
  n.reads = {read(x, {loop(0), loop(2), loop(1)})};
  Code code;
  const auto v = code.load(0, F32), seven = code.number(F32, 7);
  const auto rest = code.op(RDU_OP_MOD, F32, v, seven);
  n.body = code.result({rest});
  n.writes = {{y, {}}};
  c.add(n);
  c.run();
  // 0…11 mod 7 is largest (6) at (1, 2), read as (2, 1); 12…23 mod 7 at 13 = (0, 1) and 20 = (2, 0), read (1, 0), (0, 2).
  CHECK_SAME(c.get(y), {2 * 3 + 1, 0 * 3 + 2});
}

CONFORMANCE_CASE("reduce: the epilogue reads, computes and writes twice") {
  Case c;
  const ValueId x = c.input(F32, {2, 3}, {1, 2, 3, 4, 5, 6}), bias = c.input(F32, {2}, {100, 200});
  const ValueId y = c.output(F32, {2}), z = c.output(F64, {2});
  Node n = reduce({2, 3}, 1, RDU_COMBINE_ADD, F32);
  n.reads = {read(x, {loop(0), loop(1)}), read(bias, {loop(0)})};
  n.body = copy_of(F32);
  Code code;
  const auto sum = code.acc(F32), b = code.load(1, F32), row = code.index(0);
  const auto shifted = code.op(RDU_OP_ADD, F32, sum, b);
  const auto wide =
      code.op(RDU_OP_ADD, F64, code.op(RDU_OP_CAST, F64, shifted), code.op(RDU_OP_CAST, F64, row));
  n.epilogue = code.result({shifted, wide});
  n.writes = {{y, {}}, {z, {}}};
  c.add(n);
  c.run();
  CHECK_SAME(c.get(y), {106, 215});
  CHECK_SAME(c.get(z), {106, 216});
}

CONFORMANCE_CASE("reduce: windows with padding, as pooling reads them") {
  Case c;
  const ValueId x = c.input(F32, {1, 4, 4}, iota(16, -8)), y = c.output(F32, {1, 3, 3});
  Node n = reduce({1, 3, 3, 3, 3}, 3, RDU_COMBINE_MAX, F32);
  const auto rule = RDU_OUTSIDE_FILL;
  n.reads = {read(
      x, {loop(0), with(rule, 2 * loop(1) + loop(3) - 1), with(rule, 2 * loop(2) + loop(4) - 1)},
      -static_cast<double>(kInfinity))};
  n.body = copy_of(F32);
  n.writes = {{y, {}}};
  c.add(n);
  c.run();
  CHECK_SAME(c.get(y), {-3, -1, -1, 5, 7, 7, 5, 7, 7});
}

CONFORMANCE_CASE("reduce: as many loops as a node may have") {
  Case c;
  const Dims blocks(8, 4), sides(8, 2);
  Numbers numbers;
  for (std::size_t i = 0; i < 65536; ++i) numbers.push_back(static_cast<Number>(i * 7 % 23));
  const ValueId x = c.input(F32, blocks, numbers), y = c.output(F32, sides);
  Node n = reduce(Dims(RDU_MAX_LOOPS, 2), 8, RDU_COMBINE_ADD, F32);
  Access access;
  for (std::uint32_t d = 0; d < 8; ++d) access.push_back(2 * loop(d) + loop(8 + d));
  n.reads = {read(x, access)};
  n.body = copy_of(F32);
  n.writes = {{y, {}}};
  c.add(n);
  c.run();

  // Bit d of a result's number is bit 2d + 1 of the numbers of its elements.
  Numbers expected(256, 0);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    std::size_t result = 0;
    for (std::size_t d = 0; d < 8; ++d) result |= (i >> (2 * d + 1) & 1) << d;
    expected[result] += numbers[i];
  }
  CHECK_SAME(c.get(y), expected);
}

CONFORMANCE_CASE("reduce: a long sum in f32 stays accurate") {
  Case c;
  const std::int64_t length = 100000;
  const ValueId x =
      c.input(F32, {length}, Numbers(static_cast<std::size_t>(length), rounded(F32, 0.1L)));
  const ValueId y = c.output(F32, {});
  Node n = reduce({length}, 0, RDU_COMBINE_ADD, F32);
  n.reads = {read(x, {loop(0)})};
  n.body = copy_of(F32);
  n.writes = {{y, {}}};
  c.add(n);
  c.run();
  CHECK_NEAR(c.get(y), 1e-5L, {length * rounded(F32, 0.1L)});
}

CONFORMANCE_CASE("softmax: four nodes and values that stay inside") {
  Case c;
  const Numbers numbers{1, 2, 3, 4, -1000, 0, 5, 5, 5, 100, 101, 102};
  const ValueId x = c.input(F32, {3, 4}, numbers), y = c.output(F32, {3, 4});
  const ValueId largest = c.inner(F32, {3}), e = c.inner(F32, {3, 4}), scale = c.inner(F32, {3});
  Node m = reduce({3, 4}, 1, RDU_COMBINE_MAX, F32);
  m.reads = {read(x, {loop(0), loop(1)})};
  m.body = copy_of(F32);
  m.writes = {{largest, {}}};
  c.add(m);
  Node exp = map({3, 4});
  exp.reads = {read(x, {loop(0), loop(1)}), read(largest, {loop(0)})};
  Code body;
  const auto v = body.load(0, F32), top = body.load(1, F32);
  exp.body = body.result({body.op(RDU_OP_EXP, F32, body.op(RDU_OP_SUB, F32, v, top))});
  exp.writes = {{e, {}}};
  c.add(exp);
  Node sum = reduce({3, 4}, 1, RDU_COMBINE_ADD, F32);
  sum.reads = {read(e, {loop(0), loop(1)})};
  sum.body = copy_of(F32);
  Code epilogue;
  const auto total = epilogue.acc(F32);
  sum.epilogue = epilogue.result({epilogue.op(RDU_OP_RCP, F32, total)});
  sum.writes = {{scale, {}}};
  c.add(sum);
  Node out = map({3, 4});
  out.reads = {read(e, {loop(0), loop(1)}), read(scale, {loop(0)})};
  Code product;
  const auto a = product.load(0, F32), s = product.load(1, F32);
  out.body = product.result({product.op(RDU_OP_MUL, F32, a, s)});
  out.writes = {{y, {}}};
  c.add(out);
  c.run();

  Numbers expected;
  for (std::size_t row = 0; row < 3; ++row) {
    Number highest = -kInfinity, total_row = 0;
    for (std::size_t i = 0; i < 4; ++i) highest = std::fmax(highest, numbers[row * 4 + i]);
    for (std::size_t i = 0; i < 4; ++i) total_row += std::exp(numbers[row * 4 + i] - highest);
    for (std::size_t i = 0; i < 4; ++i)
      expected.push_back(std::exp(numbers[row * 4 + i] - highest) / total_row);
  }
  CHECK_NEAR(c.get(y), 1e-5L, expected);
}

}  // namespace conformance
