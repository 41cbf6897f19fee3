// Finding the sub-graphs that a range of nodes uses.
#include "plugins/reference/visit.hpp"

namespace rdu::reference {

Reach reachable(const plugin::Graph& graph, std::uint32_t first, std::uint32_t end) {
  Reach reach;
  for (std::uint32_t i = first; i < end; ++i) reach.nodes.push_back(i);
  reach.num_top = reach.nodes.size();
  std::vector<bool> seen(graph.graphs().size(), false);
  for (std::size_t i = 0; i < reach.nodes.size(); ++i) {
    for (const std::uint32_t g : graph.nodes()[reach.nodes[i]].graphs) {
      if (g == RDU_NONE || seen[g]) continue;
      seen[g] = true;
      const rdu_subgraph& body = graph.graphs()[g];
      for (std::uint32_t n = 0; n < body.num_nodes; ++n) reach.nodes.push_back(body.first_node + n);
    }
  }
  return reach;
}

}  // namespace rdu::reference
