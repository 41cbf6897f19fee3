// Walks the values of nodes.
#include "plugins/cpu/plan/visit.hpp"

namespace rdu::cpu {
namespace {

using Visit = FunctionRef<void(std::uint32_t)>;

void visit_value(const plugin::Graph& graph, std::uint32_t id, Visit visit) {
  if (id == RDU_NONE) return;
  visit(id);
  const rdu_value& value = graph.value(id);
  for (std::uint32_t d = 0; d < value.rank; ++d) {
    if (value.dim_values[d] != RDU_NONE) visit(value.dim_values[d]);
  }
}

void visit_indices(const plugin::Graph& graph, plugin::View<rdu_index> indices, Visit visit) {
  for (const rdu_index& index : indices) {
    if (index.source == RDU_NONE) continue;
    visit_value(graph, index.source, visit);
    visit_indices(graph, graph.source_indices(index), visit);
  }
}

}  // namespace

void visit_reads(const plugin::Graph& graph, const rdu_node& node, Visit visit) {
  for (const rdu_read& read : graph.reads(node)) {
    visit_value(graph, read.value, visit);
    visit_value(graph, read.fill_value, visit);
    visit_indices(graph, graph.indices(read), visit);
  }
  for (const rdu_write& write : graph.writes(node)) {
    visit_indices(graph, graph.indices(write), visit);
    const rdu_value& value = graph.value(write.value);
    for (std::uint32_t d = 0; d < value.rank; ++d) {
      if (value.dim_values[d] != RDU_NONE) visit(value.dim_values[d]);
    }
  }
  for (const rdu_loop& loop : graph.loops(node)) visit_value(graph, loop.extent_value, visit);
  visit_value(graph, node.base, visit);
  visit_value(graph, node.condition, visit);
  for (const rdu_port& port : graph.ports(node)) visit_value(graph, port.outer, visit);
}

void visit_writes(const plugin::Graph& graph, const rdu_node& node, Visit visit) {
  for (const rdu_write& write : graph.writes(node)) visit(write.value);
  for (const rdu_port& port : graph.ports(node)) {
    if (port.result != RDU_NONE) visit(port.result);
  }
}

void visit_nested(const plugin::Graph& graph, const rdu_node& node,
                  FunctionRef<void(const rdu_node&)> visit) {
  visit(node);
  for (const std::uint32_t g : node.graphs) {
    if (g == RDU_NONE) continue;
    for (const rdu_node& inner : graph.nodes(graph.graphs()[g])) visit_nested(graph, inner, visit);
  }
}

}  // namespace rdu::cpu
