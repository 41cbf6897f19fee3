// Reads through other values on chips: rows of tables, sums of them, negative numbers.
#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/tools/rducc/graphs.hpp"
#include "tests/tools/rducc/target/rdu/lower/chip_run.hpp"

using namespace rducc::test;
using rdu_test::require_same_on_chips;
using rducc::ir::along;
using rducc::ir::Body;
using rducc::ir::Index;
using rducc::ir::kNone;
using rducc::ir::ReduceSpec;
using rducc::ir::Reg;

namespace {

// The row that the index value says; from the end where it is negative.
Index row_of(ValueId index, rducc::ir::Access access, std::int64_t offset = 0) {
  Index row;
  row.offset = offset;
  row.source = index;
  row.source_access = std::move(access);
  row.outside = RDU_OUTSIDE_WRAP;
  return row;
}

// Of the sample's numbers, the least that leads outside a table of two rows.
std::int32_t least_outside(const Dims& dims, double low, std::uint32_t seed) {
  std::vector<double> words = sample(dims, seed, RDU_DTYPE_I64).to_f64();
  std::erase_if(words, [&](double word) { return word >= low && word < 2; });
  return static_cast<std::int32_t>(*std::min_element(words.begin(), words.end()));
}

Index at_most(Index row, std::uint32_t outside) {
  row.outside = outside;
  return row;
}

}  // namespace

TEST_CASE("rows of a table") {
  TestGraph g;
  const ValueId table = g.input({17, 22}), index = g.input({9}, RDU_DTYPE_I64);
  g.output(g.b().map(RDU_DTYPE_F32, {9, 22},
                     {g.b().read(table, {row_of(index, {along(0)}), along(1)})},
                     unary(RDU_OP_NEG)));
  require_same_on_chips(g.variant());
}

TEST_CASE("elements that lanes find for themselves") {
  TestGraph g;
  const ValueId table = g.input({40}), index = g.input({3, 21}, RDU_DTYPE_I64);
  g.output(g.b().map(RDU_DTYPE_F32, {3, 21},
                     {g.b().read(table, {row_of(index, {along(0), along(1)})})},
                     unary(RDU_OP_ABS)));
  require_same_on_chips(g.variant());
}

TEST_CASE("bags of rows") {
  TestGraph g;
  const ValueId table = g.input({17, 20}), index = g.input({5, 3}, RDU_DTYPE_I64);
  ReduceSpec spec;
  spec.loops = {
      {5, kNone, RDU_LOOP_PLAIN}, {20, kNone, RDU_LOOP_PLAIN}, {3, kNone, RDU_LOOP_PLAIN}};
  spec.num_parallel = 2;
  spec.dims = {5, 20};
  spec.reads = {g.b().read(table, {row_of(index, {along(0), along(2)}), along(1)})};
  spec.body = [](Body& body, std::span<const Reg> r) { body.result(r[0]); };
  g.output(g.b().reduce(std::move(spec)));
  require_same_on_chips(g.variant());
}

TEST_CASE("an index outside is seen") {
  const std::uint32_t rule = GENERATE(RDU_OUTSIDE_WRAP, RDU_OUTSIDE_ERROR);
  TestGraph g;
  const ValueId table = g.input({2, 22}), words = g.input({2}), rows = g.input({9}, RDU_DTYPE_I64);
  const ValueId each = g.input({3, 21}, RDU_DTYPE_I64);
  g.output(g.b().map(RDU_DTYPE_F32, {9, 22},
                     {g.b().read(table, {at_most(row_of(rows, {along(0)}), rule), along(1)})},
                     unary(RDU_OP_NEG)));
  g.output(g.b().map(RDU_DTYPE_F32, {3, 21},
                     {g.b().read(words, {at_most(row_of(each, {along(0), along(1)}), rule)})},
                     unary(RDU_OP_ABS)));
  const double low = rule == RDU_OUTSIDE_WRAP ? -2 : 0;
  const std::vector<std::int32_t> expected = {least_outside({9}, low, 102),
                                              least_outside({3, 21}, low, 103)};
  for (const char* chip : {"plasticine", "edge?schedule=kernel"}) {
    INFO(chip);
    CHECK(rdu_test::run_on_chip(g.variant(), chip).outside == expected);
  }
}

TEST_CASE("what leads outside and yields a fill is no failure") {
  TestGraph g;
  const ValueId table = g.input({2, 22}), rows = g.input({9}, RDU_DTYPE_I64);
  g.output(g.b().map(
      RDU_DTYPE_F32, {9, 22},
      {g.b().read_fill(table, {at_most(row_of(rows, {along(0)}), RDU_OUTSIDE_FILL), along(1)}, 3)},
      unary(RDU_OP_NEG)));
  require_same_on_chips(g.variant());
}
