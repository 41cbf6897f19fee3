// What the view adds: live ranges and the borders of sections.
#include "sdk/artifact/view.hpp"

#include <catch2/catch.hpp>

#include "tests/sdk/artifact/support.hpp"
#include "tests/support/model_builder.hpp"

using namespace rdu;
using namespace rdu::testing;

namespace {

using Ids = std::vector<std::uint32_t>;

Ids ids(const rdu_graph& graph, std::uint32_t first, std::uint32_t count) {
  Ids result;
  for (const std::uint32_t id : artifact::list(graph, first, count)) result.push_back(id);
  return result;
}

struct Live {
  std::uint32_t first, last;
  bool operator==(const Live&) const = default;
};

Live live(const rdu_graph& graph, ValueId id) {
  const auto& value = artifact::at<rdu_value>(graph.values, id);
  return {value.first_node, value.last_node};
}

}  // namespace

TEST_CASE("live ranges and borders follow the storage, not the value") {
  ModelBuilder b;
  const ValueId x = b.input("x", RDU_DTYPE_F32, {6});
  const ValueId y = b.elementwise("y", RDU_OP_NEG, {x});  // 0
  const ValueId z = b.elementwise("z", RDU_OP_ABS, {y});  // 1
  const ValueId reshaped = b.reshape("reshaped", y, {2, 3});
  const ValueId w = b.elementwise("w", RDU_OP_EXP, {reshaped});  // 2
  const ValueId flat = b.reshape("flat", w, {6});
  const ValueId sum = b.elementwise("sum", RDU_OP_ADD, {z, flat});  // 3
  const ValueId unused = b.elementwise("unused", RDU_OP_NEG, {x});  // 4
  b.output(sum);
  b.sections({2, 4, 5});
  const auto file = aligned(written(b.build()));
  const auto artifact = artifact::open_artifact(file.bytes());
  REQUIRE(artifact);
  const rdu_graph& graph = (*artifact)->graph(0, 0);

  CHECK(live(graph, x) == Live{0, 4});
  CHECK(live(graph, y) == Live{0, 2});
  CHECK(live(graph, reshaped) == Live{0, 2});
  CHECK(live(graph, z) == Live{1, 3});
  CHECK(live(graph, flat) == Live{2, 3});
  CHECK(live(graph, sum) == Live{3, 4});
  CHECK(live(graph, unused) == Live{4, 4});

  const auto section = [&](std::uint32_t i) {
    return artifact::at<rdu_section>(graph.sections, i);
  };
  CHECK(ids(graph, section(0).first_input, section(0).num_inputs) == Ids{x});
  CHECK(ids(graph, section(0).first_output, section(0).num_outputs) == Ids{y, z});
  CHECK(ids(graph, section(1).first_input, section(1).num_inputs) == Ids{y, z});
  CHECK(ids(graph, section(1).first_output, section(1).num_outputs) == Ids{sum});
  CHECK(ids(graph, section(2).first_input, section(2).num_inputs) == Ids{x});
  CHECK(ids(graph, section(2).first_output, section(2).num_outputs).empty());
}

TEST_CASE("the extent of a bounded result leaves its section with it") {
  ModelBuilder b;
  const ValueId x = b.input("x", RDU_DTYPE_BOOL, {6});
  const ValueId count = b.value("count", RDU_DTYPE_I64, {});
  const ValueId rows = b.value("rows", RDU_DTYPE_I64, {6});
  b.variant().values[rows].dim_values = {count};
  Node node;
  node.name = "filter";
  node.pattern = RDU_PATTERN_FILTER;
  node.loops = {{6, kNone, RDU_LOOP_PLAIN}};
  node.num_parallel = 1;
  node.reads = {read(x, {along(0)})};
  node.body = program({instr(RDU_OP_LOAD, RDU_DTYPE_BOOL)});
  node.writes = {{rows, {}}, {count, {}}};
  b.add(std::move(node));
  b.output(rows);
  const auto file = aligned(written(b.build()));
  const auto artifact = artifact::open_artifact(file.bytes());
  REQUIRE(artifact);
  const rdu_graph& graph = (*artifact)->graph(0, 0);
  const auto& section = artifact::at<rdu_section>(graph.sections, 0);
  CHECK(ids(graph, section.first_output, section.num_outputs) == Ids{count, rows});
}

TEST_CASE("a variable that is updated in place is both input and output of its section") {
  ModelBuilder b;
  const ValueId cache = b.value("cache", RDU_DTYPE_F32, {4}, RDU_ROLE_VARIABLE);
  const ValueId position = b.input("position", RDU_DTYPE_I64, {});
  const ValueId before = b.reduce_last("before", RDU_COMBINE_ADD, cache);  // 0
  Node append;
  append.name = "append";
  append.pattern = RDU_PATTERN_SCATTER;
  append.body = program({rdu::testing::constant(RDU_DTYPE_F32, 1)});
  append.combine = RDU_COMBINE_REPLACE;
  append.base = cache;
  Index index = outside(RDU_OUTSIDE_ERROR, at(0));
  index.source = position;
  append.writes.push_back({cache, {index}});
  b.add(std::move(append));                                              // 1
  const ValueId after = b.reduce_last("after", RDU_COMBINE_ADD, cache);  // 2
  b.variant().variables.push_back({"cache", cache, cache, kNone});
  b.output(before);
  b.output(after);
  const auto file = aligned(written(b.build()));
  const auto artifact = artifact::open_artifact(file.bytes());
  INFO((artifact ? std::string() : artifact.error().message));
  REQUIRE(artifact);
  const rdu_graph& graph = (*artifact)->graph(0, 0);
  CHECK(live(graph, cache) == Live{0, 2});
  const auto& section = artifact::at<rdu_section>(graph.sections, 1);
  CHECK(ids(graph, section.first_input, section.num_inputs) == Ids{cache, position});
  CHECK(ids(graph, section.first_output, section.num_outputs) == Ids{cache});
}
