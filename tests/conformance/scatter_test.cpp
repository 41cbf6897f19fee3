// scatter: updates at indices from data, duplicates, reductions, skipped and impossible indices.
#include "tests/conformance/case.hpp"
#include "tests/conformance/suite.hpp"

namespace conformance {
namespace {

struct Scattered {
  Outcome outcome;
  Numbers numbers;
};

// out = base; out[idx[i]] ⊕= updates[i].
Scattered scattered(rdu_combine_op combine, rdu_dtype dtype, const Numbers& base_numbers,
                    const Numbers& indices, const Numbers& updates,
                    std::uint32_t rule = RDU_OUTSIDE_ERROR) {
  Case c;
  const auto count = static_cast<std::int64_t>(indices.size()),
             length = static_cast<std::int64_t>(base_numbers.size());
  const ValueId base = c.input(dtype, {length}, base_numbers), idx = c.input(I64, {count}, indices);
  const ValueId x = c.input(dtype, {count}, updates), y = c.output(dtype, {length});
  Node n = node(RDU_PATTERN_SCATTER, {count}, 1);
  n.combine = combine;
  n.acc_dtype = dtype;
  n.base = base;
  n.reads = {read(x, {loop(0)})};
  n.body = copy_of(dtype);
  n.writes = {{y, {with(rule, indirect(idx, {loop(0)}))}}};
  c.add(n);
  const Outcome outcome = c.try_run();
  return {outcome, c.get(y)};
}

}  // namespace

CONFORMANCE_CASE("scatter: replace, the last write of a duplicate stays") {
  const Scattered s = scattered(RDU_COMBINE_REPLACE, F32, {1, 2, 3, 4}, {2, 0, 2}, {10, 20, 30});
  INFO(s.outcome.message);
  REQUIRE(s.outcome.ok());
  CHECK_SAME(s.numbers, {20, 2, 30, 4});
}

CONFORMANCE_CASE("scatter: add, mul, min and max with duplicates") {
  for (const rdu_dtype dtype : {F32, F64, I32, I64}) {
    INFO("dtype " << dtype);
    const Numbers base{1, 2, 3, 4}, at{3, 1, 3}, updates{5, 7, 2};
    CHECK_SAME(scattered(RDU_COMBINE_ADD, dtype, base, at, updates).numbers, {1, 9, 3, 11});
    CHECK_SAME(scattered(RDU_COMBINE_MUL, dtype, base, at, updates).numbers, {1, 14, 3, 40});
    CHECK_SAME(scattered(RDU_COMBINE_MIN, dtype, base, at, updates).numbers, {1, 2, 3, 2});
    CHECK_SAME(scattered(RDU_COMBINE_MAX, dtype, base, at, updates).numbers, {1, 7, 3, 5});
  }
}

CONFORMANCE_CASE("scatter: indices outside are skipped, wrapped or an error") {
  const Numbers base{1, 2, 3};
  CHECK_SAME(
      scattered(RDU_COMBINE_ADD, F32, base, {-1, 3, 1}, {10, 20, 30}, RDU_OUTSIDE_SKIP).numbers,
      {1, 32, 3});
  CHECK_SAME(
      scattered(RDU_COMBINE_ADD, F32, base, {-1, -3, 1}, {10, 20, 30}, RDU_OUTSIDE_WRAP).numbers,
      {21, 32, 13});
  CHECK(scattered(RDU_COMBINE_ADD, F32, base, {0, 3}, {10, 20}).outcome.code ==
        RDU_ERR_OUT_OF_RANGE);
  CHECK(scattered(RDU_COMBINE_ADD, F32, base, {-4}, {10}, RDU_OUTSIDE_WRAP).outcome.code ==
        RDU_ERR_OUT_OF_RANGE);
}

CONFORMANCE_CASE("scatter: rows, as an embedding's gradient") {
  Case c;
  const ValueId base = c.input(F32, {3, 2}, Numbers(6, 0)), idx = c.input(I32, {4}, {2, 0, 2, 2});
  const ValueId x = c.input(F32, {4, 2}, {1, 2, 3, 4, 5, 6, 7, 8}), y = c.output(F32, {3, 2});
  Node n = node(RDU_PATTERN_SCATTER, {4, 2}, 2);
  n.combine = RDU_COMBINE_ADD;
  n.acc_dtype = F32;
  n.base = base;
  n.reads = {read(x, {loop(0), loop(1)})};
  n.body = copy_of(F32);
  n.writes = {{y, {indirect(idx, {loop(0)}), loop(1)}}};
  c.add(n);
  c.run();
  CHECK_SAME(c.get(y), {3, 4, 0, 0, 13, 16});
}

CONFORMANCE_CASE("scatter: positions are sums of an index and loops, columns in any order") {
  // Row of the result: idx[5 - 2 * r] + 2 * r - 1; its columns forwards or backwards, updates by columns.
  for (const std::int64_t way : {1, -1}) {
    for (const rdu_dtype dtype : {F32, I8, F16}) {
      Case c;
      const ValueId base = c.input(dtype, {5, 3}, Numbers(15, 1));
      const ValueId idx = c.input(I64, {6}, {9, -5, 9, 0, 9, 2});
      const ValueId x = c.input(dtype, {3, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9});
      const ValueId y = c.output(dtype, {5, 3});
      Node n = node(RDU_PATTERN_SCATTER, {3, 3}, 2);
      n.combine = RDU_COMBINE_ADD;
      n.acc_dtype = dtype;
      n.base = base;
      n.reads = {read(x, {loop(0), loop(1)})};
      n.body = copy_of(dtype);
      const Index row = with(RDU_OUTSIDE_WRAP, indirect(idx, {-2 * loop(0) + 5}) + 2 * loop(0) - 1);
      n.writes = {{y, {row, way == 1 ? loop(1) : -1 * loop(1) + 2}}};
      c.add(n);
      c.run();
      INFO("dtype " << dtype << ", way " << way);
      if (way == 1)
        CHECK_SAME(c.get(y), {1, 1, 1, 6, 8, 10, 1, 1, 1, 8, 9, 10, 1, 1, 1});
      else
        CHECK_SAME(c.get(y), {1, 1, 1, 10, 8, 6, 1, 1, 1, 10, 9, 8, 1, 1, 1});
    }
  }
}

CONFORMANCE_CASE("scatter: no updates leave the base") {
  const Scattered s = scattered(RDU_COMBINE_REPLACE, I64, {5, 6}, {}, {});
  REQUIRE(s.outcome.ok());
  CHECK_SAME(s.numbers, {5, 6});
}

}  // namespace conformance
