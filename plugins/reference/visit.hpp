// Which values a node touches, and which nodes an executable contains.
#pragma once

#include <cstdint>
#include <rdu/plugin/graph.hpp>
#include <vector>

namespace rdu::reference {

// The nodes of [first, end), then those of the sub-graphs that they use, each once.
struct Reach {
  std::vector<std::uint32_t> nodes;
  std::size_t num_top = 0;  // how many of them are [first, end)
};
Reach reachable(const plugin::Graph& graph, std::uint32_t first, std::uint32_t end);

// Calls `visit(value)` for every value outside sub-graphs whose content the node needs.
template <class Visit>
void for_each_read(const plugin::Graph& graph, const rdu_node& node, Visit visit) {
  const auto optional = [&](std::uint32_t value) {
    if (value != RDU_NONE) visit(value);
  };
  const auto with_extents = [&](std::uint32_t value) {
    for (std::uint32_t d = 0; d < graph.value(value).rank; ++d)
      optional(graph.value(value).dim_values[d]);
  };
  const auto sources = [&](plugin::View<rdu_index> indices) {
    for (const rdu_index& index : indices) {
      optional(index.source);
      if (index.source != RDU_NONE) with_extents(index.source);
    }
  };
  for (const rdu_loop& loop : graph.loops(node)) optional(loop.extent_value);
  for (const rdu_read& read : graph.reads(node)) {
    visit(read.value);
    with_extents(read.value);
    optional(read.fill_value);
    sources(graph.indices(read));
  }
  for (const rdu_write& write : graph.writes(node)) sources(graph.indices(write));
  optional(node.base);
  optional(node.condition);
  for (const rdu_port& port : graph.ports(node)) {
    optional(port.outer);
    if (port.outer != RDU_NONE) with_extents(port.outer);
  }
}

// Calls `visit(value)` for every value outside sub-graphs that the node defines, whole or in part.
template <class Visit>
void for_each_write(const plugin::Graph& graph, const rdu_node& node, Visit visit) {
  for (const rdu_write& write : graph.writes(node)) visit(write.value);
  for (const rdu_port& port : graph.ports(node)) {
    if (port.result != RDU_NONE) visit(port.result);
  }
}

// Calls `visit(value)` for every value that the node itself fills inside its sub-graphs.
template <class Visit>
void for_each_inner_write(const plugin::Graph& graph, const rdu_node& node, Visit visit) {
  for (const rdu_port& port : graph.ports(node)) {
    if (port.kind != RDU_PORT_CAPTURE && port.inner_in != RDU_NONE) visit(port.inner_in);
  }
}

}  // namespace rdu::reference
