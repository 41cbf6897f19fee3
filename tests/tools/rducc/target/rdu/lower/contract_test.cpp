// Contractions on chips: matrices and convolutions of odd sizes, padding, strides, batches, epilogues.
#include <catch2/catch.hpp>

#include "tests/tools/rducc/graphs.hpp"
#include "tests/tools/rducc/target/rdu/lower/chip_run.hpp"

using namespace rducc::test;
using rdu_test::require_same_on_chips;
using rdu_test::run_on_chip;
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

namespace {

// out[n, y, x] of a transposed convolution of 5 channels; tap r reaches input (y + offset - r) / stride.
ReduceSpec transposed(TestGraph& g, std::int64_t size, std::int64_t taps, std::int64_t stride,
                      std::int64_t offset) {
  const std::int64_t of_input = (size + stride - 1) / stride + 1;
  const ValueId x = g.input({1, 5, of_input, of_input}), w = g.weights({5, 7, taps, taps}, 8);
  ReduceSpec spec = contraction({{1, RDU_LOOP_M},
                                 {7, RDU_LOOP_N},
                                 {size, RDU_LOOP_M},
                                 {size, RDU_LOOP_M},
                                 {5, RDU_LOOP_K},
                                 {taps, RDU_LOOP_WINDOW},
                                 {taps, RDU_LOOP_WINDOW}},
                                4);
  const auto part = [&](std::uint32_t loop, std::uint32_t tap) {
    Index index = along(loop);
    index.terms.push_back({tap, -1});
    index.offset = offset;
    index.div = stride;
    index.exact = true;
    return rducc::ir::outside(index, RDU_OUTSIDE_FILL);
  };
  spec.reads = {g.b().read_fill(x, {along(0), along(4), part(2, 5), part(3, 6)}, 0),
                g.b().read(w, {along(4), along(1), along(5), along(6)})};
  return spec;
}

}  // namespace

TEST_CASE("a transposed convolution whose phases are a loop") {
  struct Case {
    std::int64_t size, taps, stride, offset;
  };
  for (const Case& c : {Case{12, 2, 2, 0}, Case{12, 4, 2, 0}, Case{8, 4, 2, 1}, Case{9, 3, 3, 3},
                        Case{12, 6, 2, 2}}) {
    INFO(c.size << " " << c.taps << " " << c.stride << " " << c.offset);
    TestGraph g;
    g.output(g.b().contract(transposed(g, c.size, c.taps, c.stride, c.offset)));
    require_same_on_chips(g.variant());
    REQUIRE(run_on_chip(g.variant(), "plasticine?schedule=kernel").report.num_chip_sections == 1);
  }
}

TEST_CASE("a transposed convolution, phase by phase") {
  struct Case {
    std::int64_t size, taps, stride, offset, phases;
  };
  // Phases of different sizes, of different taps, and taps that jump between phases.
  for (const Case& c : {Case{11, 2, 2, 0, 2}, Case{12, 3, 2, 1, 2}, Case{9, 3, 3, 1, 3}}) {
    INFO(c.size << " " << c.taps << " " << c.stride << " " << c.offset);
    TestGraph g;
    g.output(g.b().contract(transposed(g, c.size, c.taps, c.stride, c.offset)));
    require_same_on_chips(g.variant());
    REQUIRE(run_on_chip(g.variant(), "plasticine?schedule=kernel").report.num_chip_sections ==
            static_cast<std::size_t>(c.phases * c.phases));
  }
}

TEST_CASE("operands that no scratchpad holds whole") {
  TestGraph g;
  const ValueId a = g.input({3, 9000});
  g.output(matmul(g.b(), a, g.weights({9000, 4}, 1)));
  require_same_on_chips(g.variant(), 1e-5, {"edge"});
}
