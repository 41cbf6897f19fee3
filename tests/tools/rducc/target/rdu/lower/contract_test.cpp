// Contractions on chips: matrices and convolutions of odd sizes, padding, strides, batches, epilogues.
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

void product(Body& body, std::span<const Reg> x) {
  body.result(x[0]);
  body.result(x[1]);
}

ReduceSpec contraction(const std::vector<std::pair<std::int64_t, std::uint32_t>>& loops,
                       std::uint32_t num_parallel) {
  ReduceSpec spec;
  for (const auto& [extent, role] : loops) {
    spec.loops.push_back({extent, kNone, role});
    if (spec.dims.size() < num_parallel) spec.dims.push_back(extent);
  }
  spec.num_parallel = num_parallel;
  spec.body = product;
  return spec;
}

// stride · loop + tap - pad, zeros outside
Index window(std::uint32_t loop, std::uint32_t tap, std::int64_t stride, std::int64_t pad) {
  Index index = along(loop, stride, -pad);
  index.terms.push_back({tap, 1});
  return rducc::ir::outside(index, RDU_OUTSIDE_FILL);
}

}  // namespace

TEST_CASE("a product of matrices") {
  TestGraph g;
  const ValueId a = g.input({19, 23});
  g.output(matmul(g.b(), a, g.weights({23, 29}, 1)));
  require_same_on_chips(g.variant());
}

TEST_CASE("a matrix and a single row") {
  TestGraph g;
  const ValueId a = g.input({1, 40});
  g.output(matmul(g.b(), a, g.weights({40, 27}, 1)));
  require_same_on_chips(g.variant());
}

TEST_CASE("a padded convolution") {
  TestGraph g;
  const ValueId x = g.input({1, 3, 9, 9});
  g.output(conv(g.b(), x, g.weights({8, 3, 3, 3}, 2), 1));
  require_same_on_chips(g.variant());
}

TEST_CASE("convolutions of a batch, 1 by 1") {
  TestGraph g;
  const ValueId x = g.input({2, 7, 5, 5});
  g.output(conv(g.b(), x, g.weights({10, 7, 1, 1}, 2), 0));
  require_same_on_chips(g.variant());
}

TEST_CASE("matrices of a batch, the second one transposed, scaled") {
  TestGraph g;
  const ValueId a = g.input({3, 17, 24}), b = g.input({3, 21, 24});
  ReduceSpec spec =
      contraction({{3, RDU_LOOP_BATCH}, {17, RDU_LOOP_M}, {21, RDU_LOOP_N}, {24, RDU_LOOP_K}}, 3);
  spec.reads = {g.b().read(a, {along(0), along(1), along(3)}),
                g.b().read(b, {along(0), along(2), along(3)})};
  spec.epilogue = [](Body& body, Reg acc, std::span<const Reg>) {
    body.result(body.binary(RDU_OP_MUL, acc, body.constant(RDU_DTYPE_F32, 0.25)));
  };
  g.output(g.b().contract(std::move(spec)));
  require_same_on_chips(g.variant());
}

TEST_CASE("a strided convolution with bias, a residual and a bound") {
  TestGraph g;
  const ValueId x = g.input({1, 4, 13, 13}), more = g.input({1, 20, 7, 7});
  const ValueId w = g.weights({20, 4, 3, 3}, 5), bias = g.weights({20}, 6);
  ReduceSpec spec = contraction({{1, RDU_LOOP_M},
                                 {20, RDU_LOOP_N},
                                 {7, RDU_LOOP_M},
                                 {7, RDU_LOOP_M},
                                 {4, RDU_LOOP_K},
                                 {3, RDU_LOOP_WINDOW},
                                 {3, RDU_LOOP_WINDOW}},
                                4);
  spec.reads = {g.b().read_fill(x, {along(0), along(4), window(2, 5, 2, 1), window(3, 6, 2, 1)}, 0),
                g.b().read(w, {along(1), along(4), along(5), along(6)})};
  spec.epilogue_reads = {g.b().read(bias, {along(1)}),
                         g.b().read(more, {along(0), along(1), along(2), along(3)})};
  spec.epilogue = [](Body& body, Reg acc, std::span<const Reg> r) {
    const Reg sum = body.binary(RDU_OP_ADD, body.binary(RDU_OP_ADD, acc, r[0]), r[1]);
    body.result(body.binary(RDU_OP_MAX, sum, body.constant(RDU_DTYPE_F32, 0)));
  };
  g.output(g.b().contract(std::move(spec)));
  require_same_on_chips(g.variant());
}

TEST_CASE("a depthwise convolution") {
  TestGraph g;
  const ValueId x = g.input({1, 6, 11, 11}), w = g.weights({6, 1, 3, 3}, 7);
  ReduceSpec spec = contraction({{1, RDU_LOOP_M},
                                 {6, RDU_LOOP_BATCH},
                                 {11, RDU_LOOP_M},
                                 {11, RDU_LOOP_M},
                                 {3, RDU_LOOP_WINDOW},
                                 {3, RDU_LOOP_WINDOW}},
                                4);
  spec.reads = {g.b().read_fill(x, {along(0), along(1), window(2, 4, 1, 1), window(3, 5, 1, 1)}, 0),
                g.b().read(w, {along(1), rducc::ir::at(0), along(4), along(5)})};
  g.output(g.b().contract(std::move(spec)));
  require_same_on_chips(g.variant());
}

TEST_CASE("a transposed convolution, phase by phase") {
  TestGraph g;
  const ValueId x = g.input({1, 5, 6, 6}), w = g.weights({5, 7, 2, 2}, 8);
  ReduceSpec spec = contraction({{1, RDU_LOOP_M},
                                 {7, RDU_LOOP_N},
                                 {12, RDU_LOOP_M},
                                 {12, RDU_LOOP_M},
                                 {5, RDU_LOOP_K},
                                 {2, RDU_LOOP_WINDOW},
                                 {2, RDU_LOOP_WINDOW}},
                                4);
  const auto half = [](std::uint32_t loop, std::uint32_t tap) {
    Index index = along(loop);
    index.terms.push_back({tap, -1});
    index.div = 2;
    index.exact = true;
    return rducc::ir::outside(index, RDU_OUTSIDE_FILL);
  };
  spec.reads = {g.b().read_fill(x, {along(0), along(4), half(2, 5), half(3, 6)}, 0),
                g.b().read(w, {along(4), along(1), along(5), along(6)})};
  g.output(g.b().contract(std::move(spec)));
  require_same_on_chips(g.variant());
}

TEST_CASE("operands that no scratchpad holds whole") {
  TestGraph g;
  const ValueId a = g.input({3, 9000});
  g.output(matmul(g.b(), a, g.weights({9000, 4}, 1)));
  require_same_on_chips(g.variant(), 1e-5, {"edge"});
}
