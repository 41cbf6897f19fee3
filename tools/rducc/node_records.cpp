// Inverts the origins of the graph's nodes.
#include "tools/rducc/node_records.hpp"

#include <algorithm>

namespace rducc {
namespace {

using rdu::artifact::Node;
using rdu::artifact::Variant;

// The section of each node of graph 0.
std::vector<std::uint32_t> sections_of_nodes(const Variant& variant) {
  std::vector<std::uint32_t> sections(variant.graphs[0].nodes.size(), 0);
  const auto& cut = variant.cuts.at(0).sections;
  for (std::uint32_t s = 0; s < cut.size(); ++s) {
    for (std::uint32_t n = cut[s].first_node; n < cut[s].end_node; ++n) sections[n] = s;
  }
  return sections;
}

void record(const Node& node, std::uint32_t section, std::vector<NodeRecord>& records) {
  for (const std::uint32_t origin : node.origins) {
    NodeRecord& mine = records[origin];
    mine.patterns.push_back({node.name, node.pattern, section});
    for (const std::uint32_t other : node.origins) {
      if (other != origin) mine.fused_with.push_back(other);
    }
  }
}

// Users of sub-graphs come before them.
void record_graphs(const Variant& variant, std::vector<NodeRecord>& records) {
  const auto sections = sections_of_nodes(variant);
  std::vector<std::uint32_t> section_of_graph(variant.graphs.size(), 0);
  for (std::uint32_t g = 0; g < variant.graphs.size(); ++g) {
    const auto& nodes = variant.graphs[g].nodes;
    for (std::uint32_t n = 0; n < nodes.size(); ++n) {
      const std::uint32_t section = g == 0 ? sections[n] : section_of_graph[g];
      record(nodes[n], section, records);
      for (const std::uint32_t used : nodes[n].graphs) {
        if (used != RDU_NONE) section_of_graph[used] = section;
      }
    }
  }
}

}  // namespace

std::vector<NodeRecord> node_records(const Variant& variant) {
  std::vector<NodeRecord> records;
  for (const auto& origin : variant.origins) {
    records.push_back({origin.name, origin.op_type, origin.domain, origin.fate, {}, {}});
  }
  record_graphs(variant, records);
  for (NodeRecord& record : records) {
    auto& others = record.fused_with;
    std::sort(others.begin(), others.end());
    others.erase(std::unique(others.begin(), others.end()), others.end());
  }
  return records;
}

}  // namespace rducc
