// Walks the nodes and tells each of their origins about them.
#include "sdk/artifact/origin_rows.hpp"

#include <algorithm>

#include "sdk/artifact/view.hpp"

namespace rdu::artifact {
namespace {

void record(const rdu_graph& graph, std::uint32_t number, std::uint32_t section,
            std::vector<OriginRow>& rows) {
  const auto& node = at<rdu_node>(graph.nodes, number);
  const auto origins =
      slice<std::uint32_t>(graph.origin_lists, node.first_origin, node.num_origins);
  for (const std::uint32_t origin : origins) {
    OriginRow& row = rows[origin];
    row.parts.push_back({node.name, number, node.pattern, section});
    for (const std::uint32_t other : origins) {
      if (other != origin) row.fused_with.push_back(other);
    }
  }
}

}  // namespace

std::vector<std::uint32_t> sections_of_nodes(const rdu_graph& graph) {
  std::vector<std::uint32_t> sections(graph.nodes.count, 0);
  for (std::uint32_t s = 0; s < graph.sections.count; ++s) {
    const auto& section = at<rdu_section>(graph.sections, s);
    for (std::uint32_t n = section.first_node; n < section.end_node; ++n) sections[n] = s;
  }
  // The user of a sub-graph stands in a graph before it.
  for (std::uint32_t n = 0; n < graph.nodes.count; ++n) {
    for (const std::uint32_t used : at<rdu_node>(graph.nodes, n).graphs) {
      if (used == RDU_NONE) continue;
      const auto& sub = at<rdu_subgraph>(graph.graphs, used);
      std::fill_n(sections.begin() + sub.first_node, sub.num_nodes, sections[n]);
    }
  }
  return sections;
}

std::vector<OriginRow> origin_rows(const rdu_graph& graph) {
  std::vector<OriginRow> rows;
  for (const auto& origin : each<rdu_origin>(graph.origins)) {
    rows.push_back(
        {origin.name, origin.op_type, origin.domain, origin.fate, origin.parent, {}, {}});
  }
  const auto sections = sections_of_nodes(graph);
  for (std::uint32_t n = 0; n < graph.nodes.count; ++n) record(graph, n, sections[n], rows);
  for (OriginRow& row : rows) {
    auto& others = row.fused_with;
    std::sort(others.begin(), others.end());
    others.erase(std::unique(others.begin(), others.end()), others.end());
  }
  return rows;
}

}  // namespace rdu::artifact
