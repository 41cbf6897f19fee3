// Indices from constants and through views: which become sums of loops, which stay, and that nothing changes.
#include "tools/rducc/passes/settle_indices.hpp"

#include <catch2/catch.hpp>
#include <limits>

#include "tests/tools/rducc/graphs.hpp"

namespace rducc::test {
namespace {

using ir::Access;
using ir::along;
using ir::identity_access;
using ir::Index;

constexpr rdu_dtype kI64 = RDU_DTYPE_I64, kF32 = RDU_DTYPE_F32;

ValueId indices(Builder& b, Dims dims, const std::vector<std::int64_t>& elements) {
  return b.add_constant(ir::make_tensor(kI64, std::move(dims), std::span(elements)));
}

Index read_from(ValueId source, Access access, std::uint32_t rule = RDU_OUTSIDE_WRAP) {
  Index index;
  index.source = source;
  index.source_access = std::move(access);
  return ir::outside(index, rule);
}

// out[i] = x[index(i)], of a vector.
ValueId gather(Builder& b, ValueId x, Dims dims, Index index) {
  ValueId out =
      b.map(kF32, std::move(dims), {b.read(x, {std::move(index)})},
            [](ir::Body& body, std::span<const ir::Reg> reads) { body.result(reads[0]); });
  b.variant().graphs[0].nodes.back().pattern = RDU_PATTERN_GATHER;
  return out;
}

// A copy of `base` with updates[i, j] added at [index(i, j), j].
ValueId scatter_rows(Builder& b, ValueId base, ValueId updates, Index index) {
  const ValueId result = b.add_value(kF32, b.dims(base));
  Node node;
  node.pattern = RDU_PATTERN_SCATTER;
  for (const std::int64_t extent : b.dims(updates)) node.loops.push_back({extent});
  node.num_parallel = 2;
  node.reads = {b.read(updates, identity_access(2))};
  ir::Body body;
  body.result(body.load(0, kF32));
  node.body = body.program();
  node.combine = RDU_COMBINE_ADD;
  node.base = base;
  node.writes = {{result, {std::move(index), along(1)}}};
  b.add_node(std::move(node));
  return result;
}

bool is_indirect(const Access& access) {
  return std::any_of(access.begin(), access.end(),
                     [](const Index& index) { return index.source != RDU_NONE; });
}

TEST_CASE("constant indices that ascend evenly are a map") {
  TestGraph graph;
  Builder& b = graph.b();
  const ValueId x = graph.input({20});
  SECTION("windows that overlap") {
    graph.output(gather(
        b, x, {3, 4},
        read_from(indices(b, {3, 4}, {2, 3, 4, 5, 4, 5, 6, 7, 6, 7, 8, 9}), identity_access(2))));
  }
  SECTION("from the end") {
    graph.output(gather(b, x, {4}, read_from(indices(b, {4}, {-1, -4, -7, -10}), {along(0)})));
  }
  SECTION("beside a loop of its own") {
    Index index = read_from(indices(b, {2}, {3, 5}), {along(0)});
    index.terms = {{1, 4}};
    graph.output(gather(b, x, {2, 4}, index));
  }
  require_preserved(graph.variant(), passes::settle_indices);
  CHECK(count(graph.variant(), RDU_PATTERN_GATHER) == 0);
  CHECK_FALSE(is_indirect(nodes(graph.variant())[0].reads[0].access));
}

TEST_CASE("constant indices that are no sum of loops stay a gather") {
  TestGraph graph;
  Builder& b = graph.b();
  const ValueId x = graph.input({20});
  SECTION("a bend at the end") {
    graph.output(gather(b, x, {4}, read_from(indices(b, {4}, {1, 2, 3, 5}), {along(0)})));
  }
  SECTION("a wrap in the middle") {
    graph.output(gather(b, x, {4}, read_from(indices(b, {4}, {-2, -1, 0, 1}), {along(0)})));
  }
  require_preserved(graph.variant(), passes::settle_indices);
  CHECK(count(graph.variant(), RDU_PATTERN_GATHER) == 1);
}

TEST_CASE("a constant index outside the tensor stays for a run to report") {
  TestGraph graph;
  Builder& b = graph.b();
  const ValueId x = graph.input({20});
  const std::int64_t huge = std::numeric_limits<std::int64_t>::max();
  const std::vector<std::int64_t> wrong = GENERATE_COPY(
      std::vector<std::int64_t>{18, 19, 20}, std::vector<std::int64_t>{-21, -20, -19},
      std::vector<std::int64_t>{huge, huge, huge}, std::vector<std::int64_t>{0, huge, -huge});
  graph.output(gather(b, x, {3}, read_from(indices(b, {3}, wrong), {along(0)})));
  passes::settle_indices(graph.variant());
  CHECK(count(graph.variant(), RDU_PATTERN_GATHER) == 1);
}

TEST_CASE("an index that was expanded over rows is read as it was") {
  TestGraph graph;
  Builder& b = graph.b();
  const ValueId base = graph.input({17, 3}), updates = graph.input({5, 3});
  const ValueId rows = graph.input({5}, kI64);
  const ValueId expanded = b.expand(b.reshape(rows, {5, 1}), {5, 3});
  graph.output(scatter_rows(b, base, updates, read_from(expanded, identity_access(2))));
  require_preserved(graph.variant(), passes::settle_indices);
  for (const Node& node : nodes(graph.variant())) {
    if (node.pattern != RDU_PATTERN_SCATTER) continue;
    const Index& index = node.writes[0].access[0];
    CHECK(graph.variant().values[index.source].dims == Dims{5, 1});
    CHECK(index.source_access[0] == along(0));
    CHECK(index.source_access[1].terms.empty());
  }
}

TEST_CASE("a scatter to known rows writes a box") {
  TestGraph graph;
  Builder& b = graph.b();
  const ValueId base = graph.input({17, 3}), updates = graph.input({4, 3});
  const ValueId rows = indices(b, {4, 1}, {-3, -5, -7, -9});
  const ValueId expanded = b.expand(rows, {4, 3});
  graph.output(scatter_rows(b, base, updates, read_from(expanded, identity_access(2))));
  require_preserved(graph.variant(), passes::settle_indices);
  REQUIRE(count(graph.variant(), RDU_PATTERN_SCATTER) == 1);
  const Access& access = nodes(graph.variant())[0].writes[0].access;
  CHECK(access[0] == along(0, -2, 14));
  CHECK(access[1] == along(1));
}

TEST_CASE("an index is not followed to what its scatter updates") {
  TestGraph graph;
  Builder& b = graph.b();
  const ValueId state = graph.input({17, 1}, kI64);
  const ValueId turned = b.transpose(state, Dims{1, 0});
  const ValueId result = b.add_value(kI64, {17, 1});
  Node node;
  node.pattern = RDU_PATTERN_SCATTER;
  node.loops = {{1}, {17}};
  node.num_parallel = 2;
  node.reads = {b.read(turned, identity_access(2))};
  ir::Body body;
  body.result(body.load(0, kI64));
  node.body = body.program();
  node.combine = RDU_COMBINE_ADD;
  node.base = state;
  node.writes = {{result, {read_from(turned, identity_access(2)), along(0)}}};
  b.add_node(std::move(node));
  graph.output(result);
  require_preserved(graph.variant(), passes::settle_indices);
  const Node& scatter = nodes(graph.variant())[1];
  REQUIRE(scatter.pattern == RDU_PATTERN_SCATTER);
  CHECK(scatter.writes[0].access[0].source == turned);
}

}  // namespace
}  // namespace rducc::test
