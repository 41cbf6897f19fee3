// Reductions on chips: along rows and columns, windows, positions, epilogues.
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

void as_it_is(Body& body, std::span<const Reg> x) { body.result(x[0]); }

ReduceSpec over(Dims parallel, Dims reduced) {
  ReduceSpec spec;
  spec.num_parallel = static_cast<std::uint32_t>(parallel.size());
  for (const auto extent : parallel) spec.loops.push_back({extent, kNone, RDU_LOOP_PLAIN});
  for (const auto extent : reduced) spec.loops.push_back({extent, kNone, RDU_LOOP_PLAIN});
  spec.dims = parallel;
  spec.body = as_it_is;
  return spec;
}

}  // namespace

TEST_CASE("sums of rows, with an epilogue") {
  TestGraph g;
  const ValueId x = g.input({7, 45}), y = g.input({7});
  ReduceSpec spec = over({7}, {45});
  spec.reads = {g.b().read(x, {along(0), along(1)})};
  spec.epilogue_reads = {g.b().read(y, {along(0)})};
  spec.epilogue = [](Body& body, Reg acc, std::span<const Reg> r) {
    body.result(body.binary(RDU_OP_SUB, acc, r[0]));
  };
  g.output(g.b().reduce(std::move(spec)));
  require_same_on_chips(g.variant());
}

TEST_CASE("largest of columns") {
  TestGraph g;
  const ValueId x = g.input({13, 37});
  ReduceSpec spec = over({37}, {13});
  spec.reads = {g.b().read(x, {along(1), along(0)})};
  spec.combine = RDU_COMBINE_MAX;
  g.output(g.b().reduce(std::move(spec)));
  require_same_on_chips(g.variant());
}

TEST_CASE("a sum of everything") {
  TestGraph g;
  const ValueId x = g.input({9, 11});
  ReduceSpec spec = over({}, {9, 11});
  spec.reads = {g.b().read(x, {along(0), along(1)})};
  g.output(g.b().reduce(std::move(spec)));
  require_same_on_chips(g.variant());
}

TEST_CASE("pooling windows with padding") {
  TestGraph g;
  const ValueId x = g.input({2, 3, 11, 23});
  ReduceSpec spec = over({2, 3, 6, 12}, {3, 3});
  const auto window = [](std::uint32_t loop, std::uint32_t tap) {
    Index index = along(loop, 2, -1);
    index.terms.push_back({tap, 1});
    return rducc::ir::outside(index, RDU_OUTSIDE_FILL);
  };
  spec.reads = {g.b().read_fill(x, {along(0), along(1), window(2, 4), window(3, 5)}, -100)};
  spec.combine = RDU_COMBINE_MAX;
  g.output(g.b().reduce(std::move(spec)));
  require_same_on_chips(g.variant());
}
