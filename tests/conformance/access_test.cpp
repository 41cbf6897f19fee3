// What an index outside the tensor yields, exactness, and indices that come from data.
#include "tests/conformance/case.hpp"
#include "tests/conformance/suite.hpp"

namespace conformance {
namespace {

// y[i] = x[i - 4] for i = 0…11, x = 10 11 12, outside by `rule`.
Numbers shifted(std::uint32_t rule, double fill = 0) {
  Case c;
  const ValueId x = c.input(F32, {3}, {10, 11, 12}), y = c.output(F32, {12});
  Node n = map({12});
  n.reads = {read(x, {with(rule, loop(0) - 4)}, fill)};
  n.body = copy_of(F32);
  n.writes = {{y, {}}};
  c.add(n);
  c.run();
  return c.get(y);
}

// y[i] = x[idx[i]] by `rule`; the outcome, and y.
struct Gathered {
  Outcome outcome;
  Numbers numbers;
};
Gathered gathered(std::uint32_t rule, rdu_dtype index_dtype, const Numbers& indices) {
  Case c;
  const auto count = static_cast<std::int64_t>(indices.size());
  const ValueId x = c.input(F32, {4}, {10, 11, 12, 13}),
                idx = c.input(index_dtype, {count}, indices);
  const ValueId y = c.output(F32, {count});
  Node n = node(RDU_PATTERN_GATHER, {count}, 1);
  n.name = "lookup";
  n.reads = {read(x, {with(rule, indirect(idx, {loop(0)}))}, -1)};
  n.body = copy_of(F32);
  n.writes = {{y, {}}};
  c.add(n);
  const Outcome outcome = c.try_run();
  return {outcome, c.get(y)};
}

}  // namespace

CONFORMANCE_CASE("outside: fill") {
  CHECK_SAME(shifted(RDU_OUTSIDE_FILL, -7.5),
             {-7.5, -7.5, -7.5, -7.5, 10, 11, 12, -7.5, -7.5, -7.5, -7.5, -7.5});
}
CONFORMANCE_CASE("outside: clamp") {
  CHECK_SAME(shifted(RDU_OUTSIDE_CLAMP), {10, 10, 10, 10, 10, 11, 12, 12, 12, 12, 12, 12});
}
CONFORMANCE_CASE("outside: reflect, several times over") {
  CHECK_SAME(shifted(RDU_OUTSIDE_REFLECT), {10, 11, 12, 11, 10, 11, 12, 11, 10, 11, 12, 11});
}

CONFORMANCE_CASE("outside: reflect of a single element") {
  Case c;
  const ValueId x = c.input(F32, {1}, {5}), y = c.output(F32, {4});
  Node n = map({4});
  n.reads = {read(x, {with(RDU_OUTSIDE_REFLECT, loop(0) - 2)})};
  n.body = copy_of(F32);
  n.writes = {{y, {}}};
  c.add(n);
  c.run();
  CHECK_SAME(c.get(y), {5, 5, 5, 5});
}

CONFORMANCE_CASE("outside: the fill is a scalar value") {
  Case c;
  const ValueId x = c.input(I8, {2}, {1, 2}), fill = c.input(I8, {}, {-3}), y = c.output(I8, {4});
  Node n = map({4});
  Read r = read(x, {with(RDU_OUTSIDE_FILL, loop(0) - 1)});
  r.fill_value = fill;
  n.reads = {r};
  n.body = copy_of(I8);
  n.writes = {{y, {}}};
  c.add(n);
  c.run();
  CHECK_SAME(c.get(y), {-3, 1, 2, -3});
  c.set(fill, {9});
  c.run();
  CHECK_SAME(c.get(y), {9, 1, 2, 9});
}

CONFORMANCE_CASE("outside: two dimensions with different rules") {
  Case c;
  const ValueId x = c.input(F32, {2, 2}, {1, 2, 3, 4}), y = c.output(F32, {4, 4});
  Node n = map({4, 4});
  n.reads = {
      read(x, {with(RDU_OUTSIDE_CLAMP, loop(0) - 1), with(RDU_OUTSIDE_FILL, loop(1) - 1)}, 0)};
  n.body = copy_of(F32);
  n.writes = {{y, {}}};
  c.add(n);
  c.run();
  CHECK_SAME(c.get(y), {0, 1, 2, 0, 0, 1, 2, 0, 0, 3, 4, 0, 0, 3, 4, 0});
}

CONFORMANCE_CASE("exact: outside unless the divisor divides") {
  Case c;
  const ValueId x = c.input(F32, {3}, {10, 11, 12}), y = c.output(F32, {8});
  Node n = map({8});
  n.reads = {read(x, {with(RDU_OUTSIDE_FILL, exactly((loop(0) - 1) / 2))}, 0)};
  n.body = copy_of(F32);
  n.writes = {{y, {}}};
  c.add(n);
  c.run();
  CHECK_SAME(c.get(y), {0, 10, 0, 11, 0, 12, 0, 0});
}

CONFORMANCE_CASE("indirect: wrap counts negative indices from the end") {
  const Gathered g = gathered(RDU_OUTSIDE_WRAP, I64, {0, -1, 3, -4});
  REQUIRE(g.outcome.ok());
  CHECK_SAME(g.numbers, {10, 13, 13, 10});
}
CONFORMANCE_CASE("indirect: 32-bit indices, fill and clamp") {
  const Gathered fill = gathered(RDU_OUTSIDE_FILL, I32, {2, -1, 4, 1});
  REQUIRE(fill.outcome.ok());
  CHECK_SAME(fill.numbers, {12, -1, -1, 11});
  const Gathered clamp = gathered(RDU_OUTSIDE_CLAMP, I32, {2, -100, 100, 1});
  REQUIRE(clamp.outcome.ok());
  CHECK_SAME(clamp.numbers, {12, 10, 13, 11});
}

CONFORMANCE_CASE("indirect: error fails the run and names the place") {
  for (const Number bad : {Number{4}, Number{-1}, Number{INT64_MIN}, Number{INT64_MAX}}) {
    const Gathered g = gathered(RDU_OUTSIDE_ERROR, I64, {0, bad, 1});
    INFO(g.outcome.message);
    CHECK(g.outcome.code == RDU_ERR_OUT_OF_RANGE);
    CHECK(g.outcome.message.find("lookup") != std::string::npos);
    CHECK(g.outcome.message.find(std::to_string(static_cast<std::int64_t>(bad))) !=
          std::string::npos);
  }
}
CONFORMANCE_CASE("indirect: wrap beyond the first element fails the run") {
  CHECK(gathered(RDU_OUTSIDE_WRAP, I64, {-5}).outcome.code == RDU_ERR_OUT_OF_RANGE);
  CHECK(gathered(RDU_OUTSIDE_WRAP, I64, {4}).outcome.code == RDU_ERR_OUT_OF_RANGE);
}

CONFORMANCE_CASE("indirect: the offset is a scalar value") {
  Case c;
  const ValueId x = c.input(F32, {6}, iota(6)), start = c.input(I64, {}, {2}),
                y = c.output(F32, {3});
  Node n = node(RDU_PATTERN_GATHER, {3}, 1);
  n.reads = {read(x, {loop(0) + indirect(start, {})})};
  n.reads[0].access[0].source = start;
  n.reads[0].access[0].outside = RDU_OUTSIDE_ERROR;
  n.body = copy_of(F32);
  n.writes = {{y, {}}};
  c.add(n);
  c.run();
  CHECK_SAME(c.get(y), {2, 3, 4});
  c.set(start, {3});
  c.run();
  CHECK_SAME(c.get(y), {3, 4, 5});
  c.set(start, {4});
  CHECK(c.try_run().code == RDU_ERR_OUT_OF_RANGE);
}

CONFORMANCE_CASE("gather: two index dimensions and rows") {
  Case c;
  const ValueId x = c.input(I32, {3, 4, 2}, iota(24)), idx = c.input(I64, {2, 2}, {2, -1, 0, 1});
  const ValueId y = c.output(I32, {2, 2});
  Node n = node(RDU_PATTERN_GATHER, {2, 2}, 2);
  n.reads = {read(x, {with(RDU_OUTSIDE_WRAP, indirect(idx, {loop(0), fixed(0)})),
                      with(RDU_OUTSIDE_WRAP, indirect(idx, {loop(0), fixed(1)})), loop(1)})};
  n.body = copy_of(I32);
  n.writes = {{y, {}}};
  c.add(n);
  c.run();
  CHECK_SAME(c.get(y), {22, 23, 2, 3});  // x[2, 3, :] and x[0, 1, :]
}

CONFORMANCE_CASE("gather: embedding bag, a reduction over indirect reads") {
  Case c;
  const ValueId table = c.input(F32, {4, 2}, {1, 2, 10, 20, 100, 200, 1000, 2000});
  const ValueId idx = c.input(I64, {2, 3}, {0, 1, 2, 3, 3, 0}), y = c.output(F32, {2, 2});
  Node n = node(RDU_PATTERN_GATHER, {2, 2, 3}, 2);
  n.combine = RDU_COMBINE_ADD;
  n.acc_dtype = F32;
  n.reads = {read(table, {indirect(idx, {loop(0), loop(2)}), loop(1)})};
  n.body = copy_of(F32);
  n.writes = {{y, {}}};
  c.add(n);
  c.run();
  CHECK_SAME(c.get(y), {111, 222, 2001, 4002});
}

CONFORMANCE_CASE("access: rows of a table by a slice of the indices, which two loops walk") {
  Case c;
  // Table row r holds 10 * r + column; indices [2, 3, 2], of which the middle ones are read, from the end where negative.
  Numbers table;
  for (int r = 0; r < 5; ++r) {
    for (int column = 0; column < 3; ++column) table.push_back(10 * r + column);
  }
  const ValueId x = c.input(F32, {5, 3}, table);
  const ValueId idx = c.input(I64, {2, 3, 2}, {9, 9, 4, 0, 9, 9, 9, 9, -1, -5, 9, 9});
  const ValueId y = c.output(F32, {2, 2, 3});
  Node n = map({2, 2, 3});
  n.pattern = RDU_PATTERN_GATHER;
  n.reads = {
      read(x, {with(RDU_OUTSIDE_WRAP, indirect(idx, {loop(0), fixed(1), loop(1)})), loop(2)})};
  n.body = copy_of(F32);
  n.writes = {{y, {}}};
  c.add(n);
  c.run();
  CHECK_SAME(c.get(y), {40, 41, 42, 0, 1, 2, 40, 41, 42, 0, 1, 2});
}

}  // namespace conformance
