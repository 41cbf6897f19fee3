// The arena: values that live at the same time do not overlap, and memory is used again.
#include "plugins/reference/storage_plan.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

namespace rdu::reference {
namespace {

template <class T>
rdu_array array_of(const std::vector<T>& items) {
  return {items.data(), static_cast<std::uint32_t>(items.size()), sizeof(T)};
}

// A chain of maps v0 -> v1 -> … in one section; v0 and the last cross its border.
struct Chain {
  std::vector<rdu_value> values;
  std::vector<rdu_node> nodes;
  std::vector<rdu_read> reads;
  std::vector<rdu_write> writes;
  std::vector<rdu_section> sections;
  std::vector<std::uint32_t> lists;
  rdu_graph graph{};

  explicit Chain(const std::vector<std::uint64_t>& bytes) {
    for (std::uint32_t v = 0; v < bytes.size(); ++v) {
      rdu_value value{};
      value.storage = v;
      value.bytes = bytes[v];
      values.push_back(value);
    }
    const auto num_nodes = static_cast<std::uint32_t>(bytes.size() - 1);
    for (std::uint32_t n = 0; n < num_nodes; ++n) {
      rdu_node node{};
      node.first_read = node.first_write = n;
      node.num_reads = node.num_writes = 1;
      node.base = node.condition = node.graphs[0] = node.graphs[1] = RDU_NONE;
      nodes.push_back(node);
      rdu_read read{};
      read.value = n;
      read.first_index = read.fill_value = RDU_NONE;
      reads.push_back(read);
      writes.push_back({n + 1, RDU_NONE});
    }
    lists = {0, num_nodes};
    sections.push_back({0, num_nodes, 0, 1, 1, 1});
    graph.values = array_of(values);
    graph.nodes = array_of(nodes);
    graph.reads = array_of(reads);
    graph.writes = array_of(writes);
    graph.sections = array_of(sections);
    graph.value_lists = array_of(lists);
  }

  StoragePlan plan() const {
    const plugin::Graph view(&graph);
    return plan_storage(view, 0, 1, reachable(view, 0, static_cast<std::uint32_t>(nodes.size())));
  }
};

}  // namespace

TEST_CASE("neighbours of a chain do not overlap; what is dead makes room") {
  const std::vector<std::uint64_t> bytes{64, 100, 1000, 128, 1000, 64, 64};
  const Chain chain(bytes);
  const StoragePlan plan = chain.plan();
  CHECK(plan.bound == std::vector<std::uint32_t>{0, 6});
  std::uint64_t sum = 0;
  for (std::uint32_t v = 1; v <= 5; ++v) {
    REQUIRE(plan.offsets[v] != kNotInArena);
    CHECK(plan.offsets[v] % 64 == 0);
    CHECK(plan.offsets[v] + bytes[v] <= plan.arena_bytes);
    sum += bytes[v];
    if (v == 5) break;
    const bool apart = plan.offsets[v] + bytes[v] <= plan.offsets[v + 1] ||
                       plan.offsets[v + 1] + bytes[v + 1] <= plan.offsets[v];
    CHECK(apart);
  }
  CHECK(plan.arena_bytes < sum);
}

TEST_CASE("an alias has no place of its own") {
  Chain chain({64, 256, 256, 64});
  chain.values[2].storage = 1;
  const StoragePlan plan = chain.plan();
  CHECK(plan.offsets[1] == 0);
  CHECK(plan.offsets[2] == kNotInArena);
  CHECK(plan.arena_bytes == 256);
}

}  // namespace rdu::reference
