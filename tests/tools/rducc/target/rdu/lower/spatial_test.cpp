// Many nodes at once: every kind of edge yields what node by node yields, to the bit, in one section and in fewer cycles.
#include <catch2/catch.hpp>

#include "tests/tools/rducc/graphs.hpp"
#include "tests/tools/rducc/target/rdu/lower/chip_run.hpp"
#include "tools/rducc/target/rdu/lower/payload.hpp"
#include "tools/rducc/target/rdu/lower/shorten_lives.hpp"

using namespace rducc::test;
using rdu_test::ChipRun;
using rdu_test::require_same_on_chips;
using rdu_test::run_on_chip;
using rducc::ir::along;
using rducc::ir::Body;
using rducc::ir::identity_access;
using rducc::ir::kNone;
using rducc::ir::ReduceSpec;
using rducc::ir::Reg;

namespace {

void require_spatial(const Variant& variant, double tolerance = 1e-5) {
  require_same_on_chips(
      variant, tolerance,
      {"plasticine?schedule=spatial", "sn10?schedule=spatial", "edge?schedule=spatial"});
  for (const std::string chip : {"plasticine", "sn10"}) {
    INFO(chip);
    const ChipRun apart = run_on_chip(variant, chip + "?schedule=kernel");
    const ChipRun together = run_on_chip(variant, chip + "?schedule=spatial");
    REQUIRE(together.report.num_chip_sections == 1);
    REQUIRE(apart.report.num_chip_sections > 1);
    REQUIRE(together.outputs == apart.outputs);
    REQUIRE(together.cycles < apart.cycles);
    const ChipRun handed = run_on_chip(variant, chip + "?schedule=kernel-sram");
    REQUIRE(handed.report.num_chip_sections == apart.report.num_chip_sections);
    REQUIRE(handed.outputs == apart.outputs);
    REQUIRE(handed.transfers <= apart.transfers);
  }
}

ValueId map(TestGraph& g, const Dims& dims, ValueId x, rdu_body_op op) {
  return g.b().map(RDU_DTYPE_F32, dims,
                   {g.b().read(x, identity_access(static_cast<std::uint32_t>(dims.size())))},
                   unary(op));
}

ValueId of_rows(TestGraph& g, ValueId x, std::int64_t rows, std::int64_t columns,
                rdu_combine_op combine) {
  ReduceSpec spec;
  spec.num_parallel = 1;
  spec.loops = {{rows, kNone, RDU_LOOP_PLAIN}, {columns, kNone, RDU_LOOP_PLAIN}};
  spec.dims = {rows};
  spec.combine = combine;
  spec.body = [](Body& body, std::span<const Reg> r) { body.result(r[0]); };
  spec.reads = {g.b().read(x, {along(0), along(1)})};
  return g.b().reduce(std::move(spec));
}

ValueId with_rows(TestGraph& g, ValueId x, ValueId row, std::int64_t rows, std::int64_t columns,
                  rdu_body_op op) {
  return g.b().map(RDU_DTYPE_F32, {rows, columns},
                   {g.b().read(x, identity_access(2)), g.b().read(row, {along(0)})}, binary(op));
}

// A transposed convolution of window 2, stride 2.
ValueId doubled(TestGraph& g, ValueId x, const Dims& dims, std::int64_t channels) {
  const ValueId w = g.weights({dims[1], channels, 2, 2}, 9);
  ReduceSpec spec;
  spec.num_parallel = 4;
  spec.dims = {dims[0], channels, 2 * dims[2], 2 * dims[3]};
  spec.loops = {{spec.dims[0], kNone, RDU_LOOP_M}, {channels, kNone, RDU_LOOP_N},
                {spec.dims[2], kNone, RDU_LOOP_M}, {spec.dims[3], kNone, RDU_LOOP_M},
                {dims[1], kNone, RDU_LOOP_K},      {2, kNone, RDU_LOOP_WINDOW},
                {2, kNone, RDU_LOOP_WINDOW}};
  spec.body = [](Body& body, std::span<const Reg> r) {
    body.result(r[0]);
    body.result(r[1]);
  };
  const auto half = [](std::uint32_t loop, std::uint32_t tap) {
    rducc::ir::Index index = along(loop);
    index.terms.push_back({tap, -1});
    index.div = 2;
    index.exact = true;
    return rducc::ir::outside(index, RDU_OUTSIDE_FILL);
  };
  spec.reads = {g.b().read_fill(x, {along(0), along(4), half(2, 5), half(3, 6)}, 0),
                g.b().read(w, {along(4), along(1), along(5), along(6)})};
  return g.b().contract(std::move(spec));
}

}  // namespace

TEST_CASE("a chain of maps stays on the chip") {
  TestGraph g;
  const Dims dims{9, 50};
  const ValueId x = g.input(dims);
  g.output(map(g, dims, map(g, dims, map(g, dims, x, RDU_OP_ABS), RDU_OP_SQRT), RDU_OP_NEG));
  require_spatial(g.variant());
}

TEST_CASE("a value that several read, one of them across") {
  TestGraph g;
  const ValueId x = g.input({18, 33});
  const ValueId y = map(g, {18, 33}, x, RDU_OP_ABS);
  const ValueId z = map(g, {18, 33}, y, RDU_OP_NEG);
  g.output(g.b().map(RDU_DTYPE_F32, {33, 18},
                     {g.b().read(y, {along(1), along(0)}), g.b().read(z, {along(1), along(0)})},
                     binary(RDU_OP_SUB)));
  g.output(y);
  require_spatial(g.variant());
}

TEST_CASE("rows, their largest, and sums: softmax") {
  TestGraph g;
  const ValueId x = g.input({6, 40});
  const ValueId most = of_rows(g, x, 6, 40, RDU_COMBINE_MAX);
  const ValueId e = map(g, {6, 40}, with_rows(g, x, most, 6, 40, RDU_OP_SUB), RDU_OP_EXP);
  const ValueId sum = of_rows(g, e, 6, 40, RDU_COMBINE_ADD);
  g.output(with_rows(g, e, sum, 6, 40, RDU_OP_DIV));
  require_spatial(g.variant());
}

TEST_CASE("products of matrices one after another, and a sum with the first operand") {
  TestGraph g;
  const ValueId x = g.input({40, 24});
  const ValueId y = matmul(g.b(), x, g.weights({24, 36}, 1));
  const ValueId z = matmul(g.b(), y, g.weights({36, 24}, 2));
  g.output(g.b().map(RDU_DTYPE_F32, {40, 24},
                     {g.b().read(z, identity_access(2)), g.b().read(x, identity_access(2))},
                     binary(RDU_OP_ADD)));
  require_spatial(g.variant());
}

TEST_CASE("both operands of a product are made on the chip") {
  TestGraph g;
  const ValueId x = g.input({20, 18});
  const ValueId a = matmul(g.b(), x, g.weights({18, 25}, 1));
  const ValueId b = matmul(g.b(), g.weights({25, 18}, 2), g.weights({18, 21}, 3));
  g.output(matmul(g.b(), a, b));
  require_spatial(g.variant());
}

TEST_CASE("convolutions one after another, row by row, with a residual") {
  TestGraph g;
  const ValueId x = g.input({1, 3, 12, 11});
  const ValueId y = conv(g.b(), x, g.weights({8, 3, 3, 3}, 1), 1);
  const ValueId z = conv(g.b(), y, g.weights({8, 8, 3, 3}, 2), 1);
  g.output(g.b().map(RDU_DTYPE_F32, {1, 8, 12, 11},
                     {g.b().read(z, identity_access(4)), g.b().read(y, identity_access(4))},
                     binary(RDU_OP_ADD)));
  require_spatial(g.variant());
}

TEST_CASE("a skip connection beside a transposed convolution") {
  TestGraph g;
  const ValueId x = g.input({1, 3, 12, 12});
  const ValueId skip = conv(g.b(), x, g.weights({4, 3, 3, 3}, 1), 1);
  ReduceSpec down;
  down.num_parallel = 4;
  down.loops = {{1, kNone, RDU_LOOP_PLAIN}, {4, kNone, RDU_LOOP_PLAIN}, {6, kNone, RDU_LOOP_PLAIN},
                {6, kNone, RDU_LOOP_PLAIN}, {2, kNone, RDU_LOOP_PLAIN}, {2, kNone, RDU_LOOP_PLAIN}};
  down.dims = {1, 4, 6, 6};
  down.combine = RDU_COMBINE_MAX;
  down.body = [](Body& body, std::span<const Reg> r) { body.result(r[0]); };
  const auto twice = [](std::uint32_t loop, std::uint32_t tap) {
    rducc::ir::Index index = along(loop, 2);
    index.terms.push_back({tap, 1});
    return index;
  };
  down.reads = {g.b().read(skip, {along(0), along(1), twice(2, 4), twice(3, 5)})};
  const ValueId small = g.b().reduce(std::move(down));
  const std::vector<ValueId> both = {skip, doubled(g, small, {1, 4, 6, 6}, 5)};
  g.output(conv(g.b(), g.b().concat(both, 1), g.weights({6, 9, 3, 3}, 4), 1));
  require_spatial(g.variant());
}

TEST_CASE("what makes little of much is done at once") {
  // Four maps, four sums of their rows, three sums of those: each goes up behind the last that it needs.
  TestGraph g;
  std::vector<ValueId> rows, sums;
  for (int i = 0; i < 4; ++i) rows.push_back(map(g, {24, 40}, g.input({24, 40}), RDU_OP_ABS));
  for (const ValueId row : rows) sums.push_back(of_rows(g, row, 24, 40, RDU_COMBINE_ADD));
  ValueId sum = sums[0];
  for (std::size_t i = 1; i < sums.size(); ++i) {
    sum = g.b().map(RDU_DTYPE_F32, Dims{24},
                    {g.b().read(sum, {along(0)}), g.b().read(sums[i], {along(0)})},
                    binary(RDU_OP_ADD));
  }
  g.output(sum);
  const rducc::rdu::lower::Work work = rducc::rdu::lower::make_work(
      g.variant(), 0, static_cast<std::uint32_t>(nodes(g.variant()).size()));
  std::string order;
  for (const Node& node : rducc::rdu::lower::shorten_lives(work).nodes) {
    order += node.pattern == RDU_PATTERN_REDUCE ? 'r' : 'm';
  }
  REQUIRE(order == "mrmrmmrmmrm");
  require_spatial(g.variant());
}

TEST_CASE("what lies outside a value of the chip") {
  TestGraph g;
  const ValueId x = g.input({5, 7});
  const ValueId y = map(g, {5, 7}, x, RDU_OP_ABS);
  using rducc::ir::outside;
  g.output(g.b().map(RDU_DTYPE_F32, {8, 11},
                     {g.b().read_fill(y,
                                      {outside(along(0, 1, -1), RDU_OUTSIDE_FILL),
                                       outside(along(1, 1, -2), RDU_OUTSIDE_FILL)},
                                      2.5)},
                     unary(RDU_OP_NEG)));
  require_spatial(g.variant());
}

TEST_CASE("a value that is larger than a scratchpad") {
  // 36,000 words lie in three scratchpads of 64 KiB; what is outside is no zero.
  TestGraph g;
  const ValueId x = g.input({180, 200});
  const ValueId y = map(g, {180, 200}, x, RDU_OP_ABS);
  using rducc::ir::outside;
  g.output(
      g.b().map(RDU_DTYPE_F32, {180, 200},
                {g.b().read_fill(y, {outside(along(0, 1, -2), RDU_OUTSIDE_FILL), along(1)}, -1.5)},
                unary(RDU_OP_NEG)));
  const ChipRun run = run_on_chip(g.variant(), "edge?schedule=spatial");
  REQUIRE(run.report.num_chip_sections == 1);
  REQUIRE(run.outputs == rducc::test::run(g.variant()));
}
