// filter and sort.
#include <limits>

#include "tests/conformance/case.hpp"
#include "tests/conformance/suite.hpp"

namespace conformance {
namespace {

const Number kNaN = std::numeric_limits<Number>::quiet_NaN();

Numbers first(Numbers numbers, std::size_t count) {
  numbers.resize(count);
  return numbers;
}

// The permutation of each row of x.
Numbers sorted(rdu_dtype dtype, std::int64_t rows, const Numbers& numbers, bool descending) {
  Case c;
  const std::int64_t length = static_cast<std::int64_t>(numbers.size()) / rows;
  const ValueId x = c.input(dtype, {rows, length}, numbers), y = c.output(I64, {rows, length});
  Node n = node(RDU_PATTERN_SORT, {rows, length}, 2);
  n.reads = {read(x, {loop(0), loop(1)})};
  n.body = copy_of(dtype);
  n.descending = descending ? 1 : 0;
  n.writes = {{y, {}}};
  c.add(n);
  c.run();
  return c.get(y);
}

struct Filter {
  Case c;
  ValueId x, kept, count;
  Filter(const Dims& dims, std::int64_t bound, const Numbers& numbers) {
    x = c.input(F32, dims, numbers);
    count = c.output(I64, {});
    kept = c.output(I64, {bound});
    c.bound(kept, 0, count);
    Node n = node(RDU_PATTERN_FILTER, dims, dims.size());
    n.name = "keep";
    Access access;
    for (std::uint32_t d = 0; d < dims.size(); ++d) access.push_back(loop(d));
    n.reads = {read(x, access)};
    Code code;
    const auto v = code.load(0, F32), zero = code.number(F32, 0);
    n.body = code.result({code.op(RDU_OP_NE, BOOL, v, zero)});
    n.writes = {{kept, {}}, {count, {}}};
    c.add(n);
  }
};

}  // namespace

CONFORMANCE_CASE("filter: positions and their count") {
  Filter f({2, 4}, 8, {0, 5, 0, -1, 2, 0, 0, 3});
  f.c.run();
  CHECK_SAME(f.c.get(f.count), {4});
  CHECK_SAME(first(f.c.get(f.kept), 4), {1, 3, 4, 7});
  f.c.set(f.x, Numbers(8, 0));
  f.c.run();
  CHECK_SAME(f.c.get(f.count), {0});
  f.c.set(f.x, Numbers(8, kNaN));
  f.c.run();
  CHECK_SAME(f.c.get(f.kept), iota(8));
}

CONFORMANCE_CASE("filter: more than the bound fails the run") {
  Filter f({5}, 2, {1, 0, 1, 0, 0});
  f.c.run();
  CHECK_SAME(f.c.get(f.kept), {0, 2});
  f.c.set(f.x, {1, 1, 1, 0, 0});
  const Outcome outcome = f.c.try_run();
  CHECK(outcome.code == RDU_ERR_OUT_OF_RANGE);
  CHECK(outcome.message.find("keep") != std::string::npos);
}

CONFORMANCE_CASE("filter: a later node runs over what was kept") {
  Case c;
  const ValueId x = c.input(F32, {6}, {0, 5, 0, 7, 0, 9}), count = c.output(I64, {}),
                kept = c.inner(I64, {6});
  const ValueId y = c.output(F32, {6});
  c.bound(kept, 0, count);
  c.bound(y, 0, count);
  Node n = node(RDU_PATTERN_FILTER, {6}, 1);
  n.reads = {read(x, {loop(0)})};
  Code code;
  const auto v = code.load(0, F32), zero = code.number(F32, 0);
  n.body = code.result({code.op(RDU_OP_GT, BOOL, v, zero)});
  n.writes = {{kept, {}}, {count, {}}};
  c.add(n);
  Node take = node(RDU_PATTERN_GATHER, {6}, 1);
  take.loops[0].extent_value = count;
  take.reads = {read(x, {indirect(kept, {loop(0)})})};
  take.body = copy_of(F32);
  take.writes = {{y, {}}};
  c.add(take);
  c.run();
  CHECK_SAME(c.get(count), {3});
  CHECK_SAME(first(c.get(y), 3), {5, 7, 9});
}

CONFORMANCE_CASE("sort: ascending and descending, stable both ways") {
  for (const rdu_dtype dtype : {F32, F64, F16, I8, I32, I64}) {
    INFO("dtype " << dtype);
    CHECK_SAME(sorted(dtype, 2, {3, 1, 3, -2, 0, 0, 0, 0}, false), {3, 1, 0, 2, 0, 1, 2, 3});
    CHECK_SAME(sorted(dtype, 2, {3, 1, 3, -2, 0, 0, 0, 0}, true), {0, 2, 1, 3, 0, 1, 2, 3});
  }
  CHECK_SAME(sorted(U8, 1, {3, 200, 100}, true), {1, 2, 0});
}

CONFORMANCE_CASE("sort: NaN is largest, minus zero equals zero") {
  const Number infinity = std::numeric_limits<Number>::infinity();
  CHECK_SAME(sorted(F32, 1, {kNaN, 1, infinity, kNaN, -infinity}, false), {4, 1, 2, 0, 3});
  CHECK_SAME(sorted(F32, 1, {kNaN, 1, infinity, kNaN, -infinity}, true), {0, 3, 2, 1, 4});
  CHECK_SAME(sorted(F32, 1, {0.0L, -0.0L, 0.0L}, false), {0, 1, 2});
  CHECK_SAME(sorted(F32, 1, {-0.0L, 0.0L, -0.0L}, true), {0, 1, 2});
}

CONFORMANCE_CASE("sort: several keys of different direction") {
  Case c;
  const ValueId a = c.input(I32, {6}, {1, 0, 1, 0, 1, 0}),
                b = c.input(F32, {6}, {5, 6, 7, 8, 5, 6});
  const ValueId y = c.output(I64, {6});
  Node n = node(RDU_PATTERN_SORT, {6}, 1);
  n.reads = {read(a, {loop(0)}), read(b, {loop(0)})};
  Code code;
  const auto major = code.load(0, I32), minor = code.load(1, F32);
  n.body = code.result({major, minor});
  n.descending = 2;  // the second key
  n.writes = {{y, {}}};
  c.add(n);
  c.run();
  CHECK_SAME(c.get(y), {3, 1, 5, 2, 0, 4});
}

CONFORMANCE_CASE("sort: a long row") {
  Numbers numbers, expected;
  const std::size_t length = 3000;
  for (std::size_t i = 0; i < length; ++i)
    numbers.push_back(static_cast<Number>(i * 1237 % length));
  expected.resize(length);
  for (std::size_t i = 0; i < length; ++i) expected[i * 1237 % length] = static_cast<Number>(i);
  CHECK_SAME(sorted(F32, 1, numbers, false), expected);
}

}  // namespace conformance
