// Counts instructions over domains.
#include "sdk/artifact/work.hpp"

#include "sdk/artifact/validate/report.hpp"

namespace rdu::artifact {
namespace {

bool computes(std::uint32_t op) {
  switch (op) {
    case RDU_OP_LOAD:
    case RDU_OP_CONST:
    case RDU_OP_INDEX:
    case RDU_OP_INSIDE:
    case RDU_OP_ACC:
    case RDU_OP_CAST:
      return false;
    default:
      return true;
  }
}

double instructions(const rdu_graph& graph, const rdu_program_code& code) {
  double count = 0;
  for (const auto& instr : slice<rdu_instr>(graph.instrs, code.first_instr, code.num_instrs)) {
    count += computes(instr.op) ? 1 : 0;
  }
  return count;
}

double points(const NodeScope& scope, std::uint32_t num_loops) {
  double count = 1;
  for (std::uint32_t i = 0; i < num_loops; ++i) {
    count *= static_cast<double>(scope.loops()[i].extent);
  }
  return count;
}

double operations(const NodeScope& scope) {
  const rdu_node& node = scope.node;
  if (node.num_ports > 0) return 0;
  double at_point = instructions(scope.graph, node.body);
  if (node.pattern == RDU_PATTERN_CONTRACT) ++at_point;
  if (node.combine != RDU_COMBINE_NONE) ++at_point;
  return points(scope, node.num_loops) * at_point +
         points(scope, node.num_parallel) * instructions(scope.graph, node.epilogue);
}

double runs_of_body(const NodeScope& scope) {
  return scope.node.pattern == RDU_PATTERN_SCAN ? points(scope, scope.node.num_loops) : 1;
}

}  // namespace

std::vector<double> node_operations(const rdu_graph& graph) {
  std::vector<double> counts;
  // The user of a sub-graph stands in a graph before it.
  std::vector<double> runs(graph.graphs.count, 1);
  for (std::uint32_t g = 0; g < graph.graphs.count; ++g) {
    const auto& sub = at<rdu_subgraph>(graph.graphs, g);
    for (std::uint32_t n = sub.first_node; n < sub.first_node + sub.num_nodes; ++n) {
      const NodeScope scope{graph, n, at<rdu_node>(graph.nodes, n)};
      counts.push_back(runs[g] * operations(scope));
      for (const std::uint32_t used : scope.node.graphs) {
        if (used != RDU_NONE) runs[used] = runs[g] * runs_of_body(scope);
      }
    }
  }
  return counts;
}

}  // namespace rdu::artifact
