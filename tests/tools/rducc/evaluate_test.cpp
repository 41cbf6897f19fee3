// The compile-time evaluator against loops written out.
#include "tools/rducc/analysis/evaluate.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "sdk/artifact/validate.hpp"
#include "tests/tools/rducc/graphs.hpp"

namespace rducc::test {
namespace {

using ir::along;
using Doubles = std::vector<double>;

Doubles inputs_of(const Variant& variant, std::size_t i) {
  return sample(variant.values[variant.inputs[i]].dims, 100 + static_cast<std::uint32_t>(i))
      .to_f64();
}

TEST_CASE("a product of matrices") {
  TestGraph graph;
  const ValueId a = graph.input({3, 5}), w = graph.input({5, 4});
  graph.output(matmul(graph.b(), a, w));
  const Doubles left = inputs_of(graph.variant(), 0), right = inputs_of(graph.variant(), 1);
  const Doubles got = run(graph.variant())[0];
  for (std::size_t m = 0; m < 3; ++m) {
    for (std::size_t n = 0; n < 4; ++n) {
      double sum = 0;
      for (std::size_t k = 0; k < 5; ++k) sum += left[m * 5 + k] * right[k * 4 + n];
      CHECK(got[m * 4 + n] == sum);
    }
  }
}

TEST_CASE("a padded convolution") {
  TestGraph graph;
  const ValueId x = graph.input({1, 2, 4, 4}), w = graph.input({3, 2, 3, 3});
  graph.output(conv(graph.b(), x, w, 1));
  const Doubles image = inputs_of(graph.variant(), 0), taps = inputs_of(graph.variant(), 1);
  const Doubles got = run(graph.variant())[0];
  for (int o = 0; o < 3; ++o) {
    for (int y = 0; y < 4; ++y) {
      for (int x0 = 0; x0 < 4; ++x0) {
        double sum = 0;
        for (int c = 0; c < 2; ++c) {
          for (int ky = 0; ky < 3; ++ky) {
            for (int kx = 0; kx < 3; ++kx) {
              const int sy = y + ky - 1, sx = x0 + kx - 1;
              if (sy < 0 || sy > 3 || sx < 0 || sx > 3) continue;
              sum += image[static_cast<std::size_t>((c * 4 + sy) * 4 + sx)] *
                     taps[static_cast<std::size_t>(((o * 2 + c) * 3 + ky) * 3 + kx)];
            }
          }
        }
        CHECK(got[static_cast<std::size_t>((o * 4 + y) * 4 + x0)] == sum);
      }
    }
  }
}

Doubles read_outside(std::uint32_t rule) {
  TestGraph graph;
  Builder& b = graph.b();
  const ValueId x = b.add_constant(ir::make_tensor(RDU_DTYPE_F32, {3}, Doubles{10, 20, 30}));
  return b.constant(b.pad(x, Dims{2}, Dims{2}, rule, -1))->to_f64();
}

TEST_CASE("what is read outside a tensor") {
  CHECK(read_outside(RDU_OUTSIDE_FILL) == Doubles{-1, -1, 10, 20, 30, -1, -1});
  CHECK(read_outside(RDU_OUTSIDE_CLAMP) == Doubles{10, 10, 10, 20, 30, 30, 30});
  CHECK(read_outside(RDU_OUTSIDE_REFLECT) == Doubles{30, 20, 10, 20, 30, 20, 10});
  CHECK_THROWS(read_outside(RDU_OUTSIDE_ERROR));
}

double arg(rdu_combine_op op, const Doubles& elements) {
  TestGraph graph;
  Builder& b = graph.b();
  const Dims dims{static_cast<std::int64_t>(elements.size())};
  const ValueId x = b.add_constant(ir::make_tensor(RDU_DTYPE_F32, dims, elements));
  return b.constant(b.reduce_axes(x, Dims{0}, false, op, RDU_DTYPE_F32, RDU_DTYPE_I64))
      ->to_f64()[0];
}

TEST_CASE("positions of extremes, ties and NaN") {
  const double nan = std::nan("");
  CHECK(arg(RDU_COMBINE_ARGMAX_FIRST, {1, 3, 2, 3}) == 1);
  CHECK(arg(RDU_COMBINE_ARGMAX_LAST, {1, 3, 2, 3}) == 3);
  CHECK(arg(RDU_COMBINE_ARGMIN_FIRST, {2, 1, 1}) == 1);
  CHECK(arg(RDU_COMBINE_ARGMIN_LAST, {2, 1, 1}) == 2);
  CHECK(arg(RDU_COMBINE_ARGMAX_FIRST, {1, nan, 9, nan}) == 1);
  CHECK(arg(RDU_COMBINE_ARGMIN_LAST, {1, nan, 0, nan, 0}) == 3);
}

TEST_CASE("a sort is stable and puts NaN last") {
  TestGraph graph;
  Builder& b = graph.b();
  const Doubles elements{3, 1, std::nan(""), 1, 2};
  const ValueId x = b.add_constant(ir::make_tensor(RDU_DTYPE_F32, {5}, elements));
  const ValueId order = b.add_value(RDU_DTYPE_I64, {5});
  Node node;
  node.pattern = RDU_PATTERN_SORT;
  node.loops = {{5}};
  node.num_parallel = 1;
  node.reads = {b.read(x, ir::identity_access(1))};
  ir::Body body;
  body.result(body.load(0, RDU_DTYPE_F32));
  node.body = body.program();
  node.writes = {{order, {}}};
  b.add_node(std::move(node));
  CHECK(b.constant(order)->to_i64() == std::vector<std::int64_t>{1, 3, 4, 0, 2});
}

TEST_CASE("a scan carries, slices and stacks") {
  TestGraph graph;
  Builder& b = graph.b();
  const ValueId x = graph.input({4, 2});
  const ValueId start = graph.input({2});
  const std::uint32_t body = b.new_graph();
  const ValueId sums = b.add_value(RDU_DTYPE_F32, {4, 2}), last = b.add_value(RDU_DTYPE_F32, {2});
  const ValueId sum_in = b.add_input("sum", RDU_DTYPE_F32, {2});
  const ValueId row = b.add_input("row", RDU_DTYPE_F32, {2});
  b.set_graph(body);
  const ValueId sum_out = b.elementwise(RDU_DTYPE_F32, {sum_in, row}, binary(RDU_OP_ADD));
  b.set_graph(0);
  graph.variant().graphs[body].inputs = {sum_in, row};
  graph.variant().graphs[body].outputs = {sum_out};
  Node node;
  node.pattern = RDU_PATTERN_SCAN;
  node.loops = {{4}};
  node.num_parallel = 1;
  node.graphs[0] = body;
  node.ports = {{RDU_PORT_CARRIED, 0, start, last, sum_in, sum_out, 0, false},
                {RDU_PORT_SLICE, 0, x, ir::kNone, row, ir::kNone, 0, true},
                {RDU_PORT_STACK, 0, ir::kNone, sums, ir::kNone, sum_out, 0, true}};
  b.add_node(std::move(node));
  graph.output(sums);
  graph.output(last);
  const Doubles rows = inputs_of(graph.variant(), 0);
  Doubles sum = inputs_of(graph.variant(), 1);
  const auto got = run(graph.variant());
  for (std::size_t i = 4; i-- > 0;) {
    for (std::size_t k = 0; k < 2; ++k) {
      sum[k] += rows[i * 2 + k];
      CHECK(got[0][i * 2 + k] == sum[k]);
    }
  }
  CHECK(got[1] == sum);
}

}  // namespace
}  // namespace rducc::test
