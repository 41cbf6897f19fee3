// What lower_precision rounds, and what it leaves.
#include <bit>
#include <catch2/catch.hpp>
#include <cstring>

#include "sdk/artifact/validate.hpp"
#include "tests/tools/rducc/graphs.hpp"
#include "tools/rducc/passes/lower_precision.hpp"

namespace rducc::test {
namespace {

constexpr rdu_dtype kF32 = RDU_DTYPE_F32, kBf16 = RDU_DTYPE_BF16;

void lower(TestGraph& graph) {
  passes::lower_precision(graph.variant());
  const auto legal = rdu::artifact::validate_model_graph(graph.variant());
  INFO((legal.ok() ? "" : legal.error().message));
  REQUIRE(legal.ok());
}

ValueId maximum(Builder& b, ValueId x) { return b.elementwise(kF32, {x}, unary(RDU_OP_ABS)); }

TEST_CASE("parameters, and streams between products, become bf16; inputs and outputs do not") {
  TestGraph g;
  const ValueId x = g.input({4, 64}), w = g.weights({64, 48}, 1), v = g.weights({48, 64}, 2);
  const ValueId y = matmul(g.b(), x, w);
  g.output(matmul(g.b(), maximum(g.b(), y), v));
  lower(g);
  const auto dtype = [&](ValueId id) { return g.variant().values[id].dtype; };
  CHECK(dtype(x) == kF32);
  CHECK(dtype(w) == kBf16);
  CHECK(dtype(v) == kBf16);
  CHECK(dtype(y) == kBf16);
  CHECK(dtype(g.variant().outputs[0]) == kF32);
  CHECK(nodes(g.variant())[0].acc_dtype == kF32);
  // The input is rounded where it is multiplied.
  CHECK(count_op(nodes(g.variant())[0], RDU_OP_CAST) == 2);
}

TEST_CASE("a parameter is rounded to the nearest, ties to even") {
  TestGraph g;
  std::vector<double> elements(64 * 2, 1.0);
  elements[1] = 1 + 0x1p-8;            // between 1 and 1 + 2^-7
  elements[2] = 1 + 0x3p-8;            // between 1 + 2^-7 and 1 + 2^-6
  elements[3] = 1 + 0x1p-8 + 0x1p-20;  // beyond the middle
  const ValueId w =
      g.b().add_constant(ir::make_tensor(kF32, {64, 2}, elements), "w", RDU_ROLE_PARAMETER);
  g.output(matmul(g.b(), g.input({2, 64}), w));
  lower(g);
  const auto& bytes = g.variant().values[w].data.bytes;
  std::uint16_t halves[4];
  REQUIRE(bytes.size() == 64 * 2 * sizeof halves[0]);
  std::memcpy(halves, bytes.data(), sizeof halves);
  CHECK(halves[0] == 0x3f80);
  CHECK(halves[1] == 0x3f80);
  CHECK(halves[2] == 0x3f82);
  CHECK(halves[3] == 0x3f81);
}

TEST_CASE("biases, statistics and what is exponentiated stay fp32") {
  TestGraph g;
  Builder& b = g.b();
  const ValueId bias = g.weights({64}, 3);
  ValueId x = b.elementwise(kF32, {matmul(b, g.input({4, 64}), g.weights({64, 64}, 1)), bias},
                            binary(RDU_OP_ADD));
  ir::ReduceSpec mean;
  mean.loops = {{4}, {64}};
  mean.num_parallel = 1;
  mean.reads = {b.read(x, {ir::along(0), ir::along(1)})};
  mean.dims = {4};
  mean.body = [](ir::Body& body, std::span<const ir::Reg> v) { body.result(v[0]); };
  const ValueId sum = b.reduce(std::move(mean));
  const ValueId scores = matmul(b, x, g.weights({64, 64}, 2));
  const ValueId e = b.elementwise(kF32, {scores}, unary(RDU_OP_EXP));
  g.output(e);
  g.output(sum);
  g.output(matmul(b, scores, g.weights({64, 64}, 4)));
  lower(g);
  const auto dtype = [&](ValueId id) { return g.variant().values[id].dtype; };
  CHECK(dtype(bias) == kF32);
  CHECK(dtype(x) == kBf16);
  CHECK(dtype(sum) == kF32);
  CHECK(dtype(scores) == kF32);
}

TEST_CASE("short sums with weights keep their operands") {
  TestGraph g;
  const ValueId w = g.weights({8, 3, 3, 3}, 1), v = g.weights({8, 8, 3, 3}, 2);
  const ValueId y = conv(g.b(), g.input({1, 3, 6, 6}), w, 1);
  g.output(conv(g.b(), y, v, 1));
  lower(g);
  CHECK(g.variant().values[w].dtype == kF32);
  CHECK(g.variant().values[v].dtype == kBf16);
  CHECK(g.variant().values[y].dtype == kBf16);
}

TEST_CASE("the smallest contractions of a large model keep theirs") {
  TestGraph g;
  const ValueId small = g.weights({64, 64}, 1), large = g.weights({64, 64 * 256}, 2);
  g.output(matmul(g.b(), matmul(g.b(), g.input({1, 64}), small), large));
  lower(g);
  CHECK(g.variant().values[small].dtype == kF32);
  CHECK(g.variant().values[large].dtype == kBf16);
}

}  // namespace
}  // namespace rducc::test
