// Views, maps, prologues and epilogues: what is fused, what is not, and that nothing changes.
#include <catch2/catch.hpp>

#include "tests/tools/rducc/graphs.hpp"
#include "tools/rducc/passes/eliminate_dead.hpp"
#include "tools/rducc/passes/fold_scales.hpp"
#include "tools/rducc/passes/fold_views.hpp"
#include "tools/rducc/passes/fuse_epilogue.hpp"
#include "tools/rducc/passes/fuse_maps.hpp"
#include "tools/rducc/passes/inline_scalars.hpp"

namespace rducc::test {
namespace {

constexpr rdu_dtype kF32 = RDU_DTYPE_F32;

void fold_views(Variant& variant) {
  passes::fold_views(variant);
  passes::eliminate_dead(variant);
}

void fuse_all(Variant& variant) {
  passes::inline_scalars(variant);
  fold_views(variant);
  passes::fuse_maps(variant);
  passes::eliminate_dead(variant);
  passes::fuse_epilogue(variant);
  passes::recompute_cheap(variant);
  passes::fuse_prologue(variant);
  passes::eliminate_dead(variant);
}

TEST_CASE("a chain of views and maps is one map") {
  TestGraph graph;
  Builder& b = graph.b();
  ValueId x = graph.input({4, 6});
  x = b.transpose(x, Dims{1, 0});
  x = b.slice(x, Dims{1, 3}, Dims{2, -1}, {2, 4});
  x = b.elementwise(kF32, {x}, unary(RDU_OP_EXP));
  x = b.elementwise(kF32, {x, graph.weights({4}, 1)}, binary(RDU_OP_ADD));
  graph.output(x);
  require_preserved(graph.variant(), fuse_all);
  REQUIRE(nodes(graph.variant()).size() == 1);
  CHECK(nodes(graph.variant())[0].reads.size() == 2);
}

TEST_CASE("views fold through reshapes that only merge or split") {
  TestGraph graph;
  Builder& b = graph.b();
  const ValueId x = graph.input({5, 12});
  const ValueId heads = b.transpose(b.reshape(x, {5, 3, 4}), Dims{1, 0, 2});
  graph.output(b.elementwise(kF32, {heads}, unary(RDU_OP_NEG)));
  require_preserved(graph.variant(), fold_views);
  CHECK(nodes(graph.variant()).size() == 1);
}

TEST_CASE("a pad becomes the convolution's own, a second one stays") {
  TestGraph graph;
  Builder& b = graph.b();
  const ValueId x = graph.input({1, 2, 5, 5});
  const Dims border{0, 0, 1, 1};
  const ValueId zeros = b.pad(x, border, border, RDU_OUTSIDE_FILL, 0);
  graph.output(conv(b, zeros, graph.weights({3, 2, 3, 3}, 1), 0));
  const ValueId ones = b.pad(x, border, border, RDU_OUTSIDE_FILL, 1);
  graph.output(conv(b, ones, graph.weights({3, 2, 3, 3}, 2), 1));
  require_preserved(graph.variant(), fold_views);
  CHECK(count(graph.variant(), RDU_PATTERN_MAP) == 1);
}

TEST_CASE("a convolution keeps a transposed operand as a tensor") {
  TestGraph graph;
  Builder& b = graph.b();
  const ValueId x = b.transpose(graph.input({1, 5, 5, 2}), Dims{0, 3, 1, 2});
  graph.output(conv(b, x, graph.weights({3, 2, 3, 3}, 1), 1));
  require_preserved(graph.variant(), fold_views);
  CHECK(count(graph.variant(), RDU_PATTERN_MAP) == 1);
}

TEST_CASE("convolution, scale, shift, residual and activation are one contraction") {
  TestGraph graph;
  Builder& b = graph.b();
  const ValueId x = graph.input({1, 2, 4, 4}), residual = graph.input({1, 3, 4, 4});
  ValueId y = conv(b, x, graph.weights({3, 2, 3, 3}, 1), 1);
  y = b.elementwise(kF32, {y, graph.weights({3, 1, 1}, 2)}, binary(RDU_OP_ADD));
  y = b.elementwise(kF32, {y, graph.weights({3, 1, 1}, 3)}, binary(RDU_OP_MUL));
  y = b.elementwise(kF32, {y, graph.weights({3, 1, 1}, 4)}, binary(RDU_OP_SUB));
  y = b.elementwise(kF32, {residual, y}, binary(RDU_OP_ADD));
  graph.output(b.elementwise(kF32, {y, b.scalar(kF32, 0)}, binary(RDU_OP_MAX)));
  require_preserved(graph.variant(), fuse_all);
  REQUIRE(nodes(graph.variant()).size() == 1);
  CHECK(nodes(graph.variant())[0].pattern == RDU_PATTERN_CONTRACT);
  require_preserved(
      graph.variant(),
      [](Variant& variant) {
        passes::fold_scales(variant);
        passes::eliminate_dead(variant);
      },
      1e-5);
  const Node& node = nodes(graph.variant())[0];
  CHECK(count_op(node, RDU_OP_MUL) == 0);
  CHECK(count_op(node, RDU_OP_SUB) == 0);
  CHECK(count_op(node, RDU_OP_ADD) == 2);
  CHECK(node.reads.size() == 4);
}

TEST_CASE("weights with another reader keep their scale outside") {
  TestGraph graph;
  Builder& b = graph.b();
  const ValueId w = graph.weights({5, 4}, 1);
  const ValueId y = matmul(b, graph.input({3, 5}), w);
  graph.output(b.elementwise(kF32, {y, graph.weights({4}, 2)}, binary(RDU_OP_MUL)));
  graph.output(b.elementwise(kF32, {w, graph.input({5, 4})}, binary(RDU_OP_ADD)));
  require_preserved(graph.variant(), fuse_all);
  require_preserved(graph.variant(), passes::fold_scales);
  CHECK(count_op(nodes(graph.variant())[0], RDU_OP_MUL) == 1);
}

TEST_CASE("a transposition after a product only reorders its loops") {
  TestGraph graph;
  Builder& b = graph.b();
  const ValueId y = matmul(b, graph.input({3, 5}), graph.weights({5, 4}, 1));
  graph.output(b.transpose(y, Dims{1, 0}));
  require_preserved(graph.variant(), fuse_all);
  REQUIRE(nodes(graph.variant()).size() == 1);
  CHECK(nodes(graph.variant())[0].loops[0].role == RDU_LOOP_N);
}

TEST_CASE("a product writes its place in a concatenation") {
  TestGraph graph;
  Builder& b = graph.b();
  const ValueId x = graph.input({3, 5});
  const std::vector<ValueId> parts{matmul(b, x, graph.weights({5, 4}, 1)),
                                   b.elementwise(kF32, {x}, unary(RDU_OP_NEG)),
                                   matmul(b, x, graph.weights({5, 2}, 2))};
  graph.output(b.concat(parts, 1));
  require_preserved(graph.variant(), fuse_all);
  CHECK(nodes(graph.variant()).size() == 3);
}

TEST_CASE("softmax is its four nodes, and computes no exponential twice") {
  TestGraph graph;
  Builder& b = graph.b();
  const ValueId x = graph.input({3, 8});
  const ValueId m = b.reduce_axes(x, Dims{1}, true, RDU_COMBINE_MAX, kF32, kF32);
  const ValueId d = b.elementwise(kF32, {x, m}, binary(RDU_OP_SUB));
  const ValueId e = b.elementwise(kF32, {d}, unary(RDU_OP_EXP));
  const ValueId s = b.reduce_axes(e, Dims{1}, true, RDU_COMBINE_ADD, kF32, kF32);
  graph.output(b.elementwise(kF32, {e, s}, binary(RDU_OP_DIV)));
  require_preserved(graph.variant(), fuse_all);
  CHECK(nodes(graph.variant()).size() == 4);
  std::size_t exponentials = 0;
  for (const Node& node : nodes(graph.variant())) exponentials += count_op(node, RDU_OP_EXP);
  CHECK(exponentials == 1);
}

TEST_CASE("a cheap difference is recomputed rather than stored") {
  TestGraph graph;
  Builder& b = graph.b();
  const ValueId x = graph.input({3, 8});
  const ValueId mean = b.reduce_axes(x, Dims{1}, true, RDU_COMBINE_ADD, kF32, kF32);
  const ValueId d = b.elementwise(kF32, {x, mean}, binary(RDU_OP_SUB));
  const ValueId square = b.elementwise(kF32, {d, d}, binary(RDU_OP_MUL));
  const ValueId s = b.reduce_axes(square, Dims{1}, true, RDU_COMBINE_ADD, kF32, kF32);
  graph.output(b.elementwise(kF32, {d, s}, binary(RDU_OP_DIV)));
  require_preserved(graph.variant(), fuse_all);
  CHECK(nodes(graph.variant()).size() == 3);
}

TEST_CASE("an expensive map is not computed once per reader") {
  TestGraph graph;
  Builder& b = graph.b();
  const ValueId x = b.elementwise(kF32, {graph.input({8})}, unary(RDU_OP_TANH));
  graph.output(b.elementwise(kF32, {x, graph.input({4, 8})}, binary(RDU_OP_ADD)));
  require_preserved(graph.variant(), fuse_all);
  CHECK(nodes(graph.variant()).size() == 2);
}

}  // namespace
}  // namespace rducc::test
