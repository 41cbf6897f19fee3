// The order of the checks: each relies on what those before it have established.
#include "sdk/artifact/validate.hpp"

#include "sdk/artifact/flat_graph.hpp"
#include "sdk/artifact/validate/checks.hpp"

namespace rdu::artifact {
namespace {

base::Result<void> check_nodes(const rdu_graph& graph) {
  for (std::uint32_t n = 0; n < graph.nodes.count; ++n) {
    const NodeScope scope{graph, n, at<rdu_node>(graph.nodes, n)};
    RDU_TRY(check_loops(scope));
    RDU_TRY(check_accesses(scope));
    RDU_TRY(check_programs(scope));
    RDU_TRY(check_pattern(scope));
  }
  return {};
}

}  // namespace

base::Result<void> validate_graph(const rdu_graph& graph, const Limits& limits) {
  RDU_TRY(check_structure(graph));
  RDU_TRY(check_values(graph, limits));
  RDU_TRY(check_origins(graph));
  RDU_TRY(check_nodes(graph));
  RDU_ASSIGN(const Flow flow, check_flow(graph));
  RDU_TRY(check_joins(graph, flow));
  RDU_TRY(check_sections(graph, flow));
  RDU_TRY(check_variables(graph, flow));
  return check_growth(graph, flow);
}

base::Result<void> validate_model_graph(const Variant& variant) {
  RDU_ASSIGN(FlatGraph flat, flatten(variant));
  if (variant.cuts.empty() && !flat.graphs.empty() && flat.graphs[0].num_nodes > 0) {
    flat.sections.push_back({0, flat.graphs[0].num_nodes, 0, 0, 0, 0});
  }
  return validate_graph(flat.view());
}

}  // namespace rdu::artifact
