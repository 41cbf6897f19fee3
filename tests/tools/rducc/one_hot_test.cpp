// Products with ones and zeros that are gathers, and those that must stay products.
#include <catch2/catch.hpp>
#include <cmath>

#include "tests/tools/rducc/graphs.hpp"
#include "tools/rducc/passes/eliminate_dead.hpp"
#include "tools/rducc/passes/fuse_epilogue.hpp"
#include "tools/rducc/passes/gather_one_hot.hpp"

namespace rducc::test {
namespace {

constexpr rdu_dtype kF32 = RDU_DTYPE_F32, kI32 = RDU_DTYPE_I32;
constexpr std::int64_t kClasses = 5;  // inputs are 0 to 16: some have none

void gather_one_hot(Variant& variant) {
  passes::fuse_epilogue(variant);
  passes::gather_one_hot(variant);
  passes::eliminate_dead(variant);
}

// (x == counted) as floats.
ValueId ones_where(TestGraph& graph, std::vector<std::int64_t> counted) {
  Builder& b = graph.b();
  const auto classes = static_cast<std::int64_t>(counted.size());
  const ValueId count = b.add_constant(ir::make_tensor(kI32, {1, classes}, counted), "count");
  const ValueId x = graph.input({12, 1}, kI32);
  const auto equal = [](ir::Body& body, std::span<const ir::Reg> r) {
    body.result(body.cast(body.binary(RDU_OP_EQ, r[0], r[1]), kF32));
  };
  return b.elementwise(kF32, {x, count}, equal);
}

ValueId table(TestGraph& graph, double first) {
  std::vector<double> elements(kClasses * 3, 0.5);
  elements[0] = first;
  return graph.b().add_constant(ir::make_tensor(kF32, {kClasses, 3}, elements), "table");
}

bool stays_product(TestGraph& graph, ValueId product) {
  graph.output(product);
  require_preserved(graph.variant(), gather_one_hot);
  return count(graph.variant(), RDU_PATTERN_CONTRACT) == 1;
}

TEST_CASE("a one-hot vector times a table is a row of it") {
  TestGraph graph;
  Builder& b = graph.b();
  const ValueId ones = ones_where(graph, {0, 1, 2, 3, 4});
  const ValueId rows = matmul(b, ones, graph.weights({kClasses, 3}, 1));
  const ValueId bent = b.elementwise(kF32, {rows, graph.weights({3}, 2)}, binary(RDU_OP_ADD));
  graph.output(b.elementwise(kF32, {bent}, unary(RDU_OP_TANH)));
  require_preserved(graph.variant(), gather_one_hot);
  REQUIRE(nodes(graph.variant()).size() == 1);
  CHECK(nodes(graph.variant())[0].pattern == RDU_PATTERN_GATHER);
}

TEST_CASE("classes may be counted by the position itself") {
  TestGraph graph;
  Builder& b = graph.b();
  const ValueId x = graph.input({12}, RDU_DTYPE_I64);
  const ValueId ones =
      b.map(kF32, Dims{12, kClasses}, {b.read(x, {ir::along(0)})},
            [](ir::Body& body, std::span<const ir::Reg> r) {
              body.result(body.cast(body.binary(RDU_OP_EQ, body.index(1), r[0]), kF32));
            });
  graph.output(matmul(b, ones, graph.weights({kClasses, 3}, 1)));
  require_preserved(graph.variant(), gather_one_hot);
  CHECK(count(graph.variant(), RDU_PATTERN_GATHER) == 1);
}

TEST_CASE("a batch of one does not hide the count") {
  TestGraph graph;
  Builder& b = graph.b();
  const std::vector<std::int64_t> counted{0, 1, 2, 3, 4};
  const ValueId count_of = b.add_constant(ir::make_tensor(kI32, {1, 1, kClasses}, counted));
  const ValueId x = graph.input({1, 12, 1}, kI32);
  const ValueId ones = b.map(kF32, Dims{1, 12, kClasses},
                             {b.read(x, {ir::along(0), ir::along(1), ir::at(0)}),
                              b.read(count_of, {ir::along(0), ir::at(0), ir::along(2)})},
                             [](ir::Body& body, std::span<const ir::Reg> r) {
                               body.result(body.cast(body.binary(RDU_OP_EQ, r[0], r[1]), kF32));
                             });
  graph.output(matmul(b, b.reshape(ones, {12, kClasses}), graph.weights({kClasses, 3}, 1)));
  require_preserved(graph.variant(), gather_one_hot);
  CHECK(count(graph.variant(), RDU_PATTERN_GATHER) == 1);
}

TEST_CASE("other products with ones and zeros stay") {
  TestGraph graph;
  Builder& b = graph.b();
  SECTION("classes in another order") {
    const ValueId ones = ones_where(graph, {0, 2, 1, 3, 4});
    CHECK(stays_product(graph, matmul(b, ones, graph.weights({kClasses, 3}, 1))));
  }
  SECTION("a table that a run brings") {
    const ValueId ones = ones_where(graph, {0, 1, 2, 3, 4});
    CHECK(stays_product(graph, matmul(b, ones, graph.input({kClasses, 3}))));
  }
  SECTION("a zero that the sum would make positive") {
    const ValueId ones = ones_where(graph, {0, 1, 2, 3, 4});
    CHECK(stays_product(graph, matmul(b, ones, table(graph, -0.0))));
  }
}

TEST_CASE("an infinity in the table reaches every row") {
  TestGraph graph;
  const ValueId ones = ones_where(graph, {0, 1, 2, 3, 4});
  graph.output(matmul(graph.b(), ones, table(graph, INFINITY)));
  gather_one_hot(graph.variant());
  CHECK(count(graph.variant(), RDU_PATTERN_CONTRACT) == 1);
}

}  // namespace
}  // namespace rducc::test
