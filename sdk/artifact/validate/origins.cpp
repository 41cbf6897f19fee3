// N1 to N3: the nodes of the source model, their tensors, and who does their work.
#include "sdk/artifact/validate/checks.hpp"

namespace rdu::artifact {
namespace {

using base::Result;

Result<void> check_origin(const rdu_graph& graph, std::uint32_t number,
                          std::uint32_t& next_tensor) {
  const auto& origin = at<rdu_origin>(graph.origins, number);
  if (origin.fate > RDU_ORIGIN_UNUSED) {
    return broken("N1", "origin %u \"%s\" has fate %u", number, origin.name, origin.fate);
  }
  if (origin.parent != RDU_NONE && origin.parent >= number) {
    return broken("N1", "origin %u \"%s\" stands in origin %u", number, origin.name, origin.parent);
  }
  if (origin.first_tensor != next_tensor ||
      origin.num_tensors > graph.origin_tensors.count - next_tensor) {
    return broken("N2", "origin %u \"%s\" has tensors [%u, +%u), expected from %u on, of %u",
                  number, origin.name, origin.first_tensor, origin.num_tensors, next_tensor,
                  graph.origin_tensors.count);
  }
  next_tensor += origin.num_tensors;
  return {};
}

Result<void> check_tensors(const rdu_graph& graph, std::uint32_t taken) {
  if (taken != graph.origin_tensors.count) {
    return broken("N2", "%u of %u tensors belong to no origin", graph.origin_tensors.count - taken,
                  graph.origin_tensors.count);
  }
  for (const auto& tensor : each<rdu_origin_tensor>(graph.origin_tensors)) {
    if (tensor.value == RDU_NONE || tensor.value < graph.values.count) continue;
    return broken("N2", "tensor \"%s\" is value %u of %u", tensor.name, tensor.value,
                  graph.values.count);
  }
  return {};
}

Result<void> check_list(const NodeScope& scope, std::uint32_t& next) {
  const rdu_graph& graph = scope.graph;
  const rdu_node& node = scope.node;
  if (node.first_origin != next || node.num_origins > graph.origin_lists.count - next) {
    return scope.broken("N3", "origins [%u, +%u), expected from %u on, of %u", node.first_origin,
                        node.num_origins, next, graph.origin_lists.count);
  }
  const auto origins = slice<std::uint32_t>(graph.origin_lists, next, node.num_origins);
  for (std::uint32_t i = 0; i < origins.size(); ++i) {
    if (origins[i] < graph.origins.count && (i == 0 || origins[i - 1] < origins[i])) continue;
    return scope.broken("N3", "origin %u of %u, after %u", origins[i], graph.origins.count,
                        i == 0 ? RDU_NONE : origins[i - 1]);
  }
  next += node.num_origins;
  return {};
}

}  // namespace

base::Result<void> check_origins(const rdu_graph& graph) {
  std::uint32_t next_tensor = 0;
  for (std::uint32_t i = 0; i < graph.origins.count; ++i) {
    RDU_TRY(check_origin(graph, i, next_tensor));
  }
  RDU_TRY(check_tensors(graph, next_tensor));
  std::uint32_t next = 0;
  for (std::uint32_t n = 0; n < graph.nodes.count; ++n) {
    RDU_TRY(check_list({graph, n, at<rdu_node>(graph.nodes, n)}, next));
  }
  if (next == graph.origin_lists.count) return {};
  return broken("N3", "%u of %u origins belong to no node", graph.origin_lists.count - next,
                graph.origin_lists.count);
}

}  // namespace rdu::artifact
