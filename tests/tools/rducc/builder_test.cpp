// The builder: what is known is computed at once, reshapes are aliases, joins are boxes.
#include <catch2/catch.hpp>

#include "sdk/artifact/validate.hpp"
#include "tests/tools/rducc/graphs.hpp"
#include "tools/rducc/ir/error.hpp"

namespace rducc::test {
namespace {

std::vector<std::int64_t> integers(const Builder& b, ValueId value) {
  const auto tensor = b.constant(value);
  REQUIRE(tensor);
  return tensor->to_i64();
}

ValueId shape(Builder& b, std::vector<std::int64_t> elements) {
  const Dims dims{static_cast<std::int64_t>(elements.size())};
  return b.add_constant(ir::make_tensor(RDU_DTYPE_I64, dims, elements));
}

TEST_CASE("shape arithmetic leaves no node behind") {
  TestGraph graph;
  Builder& b = graph.b();
  const ValueId a = shape(b, {2, 3, 4});
  const ValueId sliced = b.slice(a, Dims{1}, Dims{1}, {2});
  const ValueId product =
      b.reduce_axes(sliced, Dims{0}, true, RDU_COMBINE_MUL, RDU_DTYPE_I64, RDU_DTYPE_I64);
  const std::vector<ValueId> parts{b.slice(a, Dims{0}, Dims{1}, {1}), product};
  CHECK(integers(b, b.concat(parts, 0)) == std::vector<std::int64_t>{2, 12});
  CHECK(nodes(graph.variant()).empty());
}

TEST_CASE("a filter of constants has its actual extent") {
  TestGraph graph;
  Builder& b = graph.b();
  const ValueId mask = shape(b, {0, 5, 0, 7});
  const ValueId length = b.add_value(RDU_DTYPE_I64, {});
  const ValueId kept = b.add_value(RDU_DTYPE_I64, {4}, {length});
  Node node;
  node.pattern = RDU_PATTERN_FILTER;
  node.loops = {{4}};
  node.num_parallel = 1;
  node.reads = {b.read(mask, ir::identity_access(1))};
  ir::Body body;
  const auto value = body.load(0, RDU_DTYPE_I64);
  body.result(body.binary(RDU_OP_NE, value, body.integer(RDU_DTYPE_I64, 0)));
  node.body = body.program();
  node.writes = {{kept, {}}, {length, {}}};
  b.add_node(std::move(node));
  CHECK(nodes(graph.variant()).empty());
  CHECK(b.dims(kept) == Dims{2});
  CHECK(integers(b, kept) == std::vector<std::int64_t>{1, 3});
}

TEST_CASE("a reshape shares storage, and an output owns it") {
  TestGraph graph;
  Builder& b = graph.b();
  const ValueId x = graph.input({4, 6});
  const ValueId y = b.elementwise(RDU_DTYPE_F32, {x}, unary(RDU_OP_NEG));
  const ValueId folded = b.reshape(b.reshape(y, {24}), {2, 12});
  CHECK(b.value(folded).storage == y);
  graph.output(folded);
  CHECK(b.value(folded).storage == ir::kNone);
  CHECK(b.value(y).storage == folded);
  CHECK(rdu::artifact::validate_model_graph(graph.variant()).ok());
  CHECK(run(graph.variant())[0].size() == 24);
}

TEST_CASE("an output is written by a node, whatever it is") {
  TestGraph graph;
  const ValueId x = graph.input({3});
  graph.output(x);
  graph.output(graph.weights({3}, 1));
  graph.output(graph.b().reshape(x, {1, 3}));
  CHECK(nodes(graph.variant()).size() == 3);
  CHECK(rdu::artifact::validate_model_graph(graph.variant()).ok());
}

TEST_CASE("shapes broadcast as numpy's do") {
  CHECK(ir::broadcast_dims(Dims{2, 1, 4}, Dims{3, 1}) == Dims{2, 3, 4});
  CHECK(ir::broadcast_dims(Dims{}, Dims{5}) == Dims{5});
  CHECK(ir::broadcast_dims(Dims{1}, Dims{0}) == Dims{0});
  CHECK_THROWS_AS(ir::broadcast_dims(Dims{2}, Dims{3}), CompileError);
}

TEST_CASE("what a model may get wrong is told and not done") {
  TestGraph graph;
  Builder& b = graph.b();
  const ValueId x = graph.input({4, 6});
  CHECK_THROWS_AS(b.reshape(x, {5, 5}), CompileError);
  for (const Dims& other : {Dims{3, 2}, Dims{1, 4}, Dims{2, 3, 1}, Dims{}}) {
    const std::vector<ValueId> parts{graph.input({2, 3, 4}), graph.input(other)};
    CHECK_THROWS_AS(b.concat(parts, 1), CompileError);
  }
  CHECK_THROWS_AS(b.add_value(RDU_DTYPE_F32, {-1}), CompileError);
  CHECK_THROWS_AS(b.add_value(RDU_DTYPE_F32, Dims(RDU_MAX_RANK + 1, 1)), CompileError);
  CHECK_THROWS_AS(b.add_value(RDU_DTYPE_F32, {1 << 30, 1 << 30}), CompileError);
  CHECK_THROWS_AS(b.read(x, ir::identity_access(3)), CompileError);
}

}  // namespace
}  // namespace rducc::test
