// Marks who is named by a node, and who is a parent.
#include "tools/rducc/passes/settle_origins.hpp"

namespace rducc::passes {

void settle_origins(rdu::artifact::Variant& variant) {
  auto& origins = variant.origins;
  std::vector<bool> computed(origins.size(), false), parent(origins.size(), false);
  for (const auto& graph : variant.graphs) {
    for (const auto& node : graph.nodes) {
      for (const std::uint32_t origin : node.origins) computed[origin] = true;
    }
  }
  for (const auto& origin : origins) {
    if (origin.parent != RDU_NONE) parent[origin.parent] = true;
  }
  for (std::size_t i = 0; i < origins.size(); ++i) {
    if (computed[i]) {
      origins[i].fate = RDU_ORIGIN_COMPUTED;
    } else if (parent[i]) {
      origins[i].fate = RDU_ORIGIN_EXPANDED;
    } else if (origins[i].fate == RDU_ORIGIN_COMPUTED) {
      origins[i].fate = RDU_ORIGIN_UNUSED;
    }
  }
}

}  // namespace rducc::passes
