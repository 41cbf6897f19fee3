// Folds nodes in topological order; the writers of a join are folded together or not at all.
#include "tools/rducc/passes/fold_constants.hpp"

#include <algorithm>

#include "tools/rducc/analysis/fold.hpp"
#include "tools/rducc/ir/rewrite.hpp"

namespace rducc::passes {
namespace {

using rdu::artifact::Node;
using rdu::artifact::ValueId;
using rdu::artifact::Variant;

// The nodes that write together with node `i`, itself first; empty where one of them may not fold or
// comes later than the last writer is looked at.
std::vector<std::uint32_t> join_of(const Variant& variant, const Node& node,
                                   const ir::UseMap& uses) {
  std::vector<std::uint32_t> group;
  for (const auto& write : node.writes) {
    const ValueId id = ir::owner(variant, write.value);
    if (uses.leaves[id]) return {};
    group.insert(group.end(), uses.writers[id].begin(), uses.writers[id].end());
  }
  std::sort(group.begin(), group.end());
  group.erase(std::unique(group.begin(), group.end()), group.end());
  return group;
}

void fold_graph(Variant& variant, std::uint32_t graph, analysis::Widening widening) {
  const auto uses = ir::find_uses(variant, graph);
  auto& nodes = variant.graphs[graph].nodes;
  std::vector<bool> erased(nodes.size(), false);
  for (std::uint32_t i = 0; i < nodes.size(); ++i) {
    const auto group = join_of(variant, nodes[i], uses);
    if (group.empty() || group.back() != i || !nodes[i].ports.empty()) continue;
    std::vector<Node> joined;
    for (const std::uint32_t member : group) joined.push_back(nodes[member]);
    if (!analysis::fold_nodes(variant, joined, widening)) continue;
    for (const std::uint32_t member : group) {
      erased[member] = true;
      for (const std::uint32_t origin : nodes[member].origins) {
        variant.origins[origin].fate = RDU_ORIGIN_CONSTANT;
      }
    }
  }
  ir::erase_nodes(variant, graph, erased);
}

}  // namespace

void fold_constants(Variant& variant) {
  for (std::uint32_t graph = 0; graph < variant.graphs.size(); ++graph) {
    fold_graph(variant, graph, analysis::Widening::kFew);
  }
}

void fold_widened(Variant& variant) {
  for (std::uint32_t graph = 0; graph < variant.graphs.size(); ++graph) {
    fold_graph(variant, graph, analysis::Widening::kSmall);
  }
}

}  // namespace rducc::passes
