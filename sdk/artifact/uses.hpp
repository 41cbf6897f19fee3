// Every value that a node needs before it can run.
#pragma once

#include <cstdint>

#include "sdk/artifact/view.hpp"

namespace rdu::artifact {

namespace detail {

template <class F>
void visit_dim_values(const rdu_graph& graph, std::uint32_t id, F&& visit) {
  const rdu_value& value = at<rdu_value>(graph.values, id);
  for (std::uint32_t dim = 0; dim < value.rank; ++dim) visit(value.dim_values[dim]);
}

template <class F>
void visit_access(const rdu_graph& graph, std::uint32_t first, std::uint32_t rank, F&& visit) {
  if (first == RDU_NONE) return;
  for (const rdu_index& index : slice<rdu_index>(graph.indices, first, rank)) visit(index.source);
}

}  // namespace detail

// Calls visit(value) for the values read, indexed through, filled with, iterated to, or passed into a sub-graph, and
// for the actual extents of what is read or scattered into. A value may come several times. Every number in the node is
// in range; RDU_NONE is left out.
template <class F>
void each_use(const rdu_graph& graph, const rdu_node& node, F&& visit_value) {
  const auto visit = [&](std::uint32_t id) {
    if (id != RDU_NONE) visit_value(id);
  };
  for (const auto& loop : slice<rdu_loop>(graph.loops, node.first_loop, node.num_loops)) {
    visit(loop.extent_value);
  }
  for (const auto& read : slice<rdu_read>(graph.reads, node.first_read, node.num_reads)) {
    visit(read.value);
    visit(read.fill_value);
    detail::visit_dim_values(graph, read.value, visit);
    detail::visit_access(graph, read.first_index, at<rdu_value>(graph.values, read.value).rank,
                         visit);
  }
  for (const auto& write : slice<rdu_write>(graph.writes, node.first_write, node.num_writes)) {
    detail::visit_access(graph, write.first_index, at<rdu_value>(graph.values, write.value).rank,
                         visit);
  }
  visit(node.base);
  // Those of what a scatter writes, which has the type of its base.
  if (node.base != RDU_NONE) detail::visit_dim_values(graph, node.base, visit);
  visit(node.condition);
  for (const auto& port : slice<rdu_port>(graph.ports, node.first_port, node.num_ports)) {
    visit(port.outer);
  }
}

}  // namespace rdu::artifact
