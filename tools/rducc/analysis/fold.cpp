// Folding: evaluate, then let the written values carry their content.
#include "tools/rducc/analysis/fold.hpp"

#include <algorithm>

#include "tools/rducc/analysis/evaluate.hpp"

namespace rducc::analysis {
namespace {

using rdu::artifact::Node;
using rdu::artifact::Variant;

constexpr std::int64_t kMostElements = 1 << 20;
constexpr double kMostWork = 1 << 24;

bool worth_folding(const Variant& variant, const Node& node) {
  if (evaluation_cost(node) > kMostWork || !is_foldable(variant, node)) return false;
  return std::all_of(node.writes.begin(), node.writes.end(), [&](const auto& write) {
    return ir::num_elements(variant.values[write.value].dims) <= kMostElements;
  });
}

}  // namespace

bool fold_nodes(Variant& variant, std::span<const Node> nodes) {
  const auto worth = [&](const Node& node) { return worth_folding(variant, node); };
  if (!std::all_of(nodes.begin(), nodes.end(), worth)) return false;
  Memory memory(variant);
  for (const Node& node : nodes) evaluate_node(node, memory);
  std::vector<std::pair<rdu::artifact::ValueId, ir::Tensor>> results;
  for (const Node& node : nodes) {
    for (const auto& write : node.writes) {
      results.emplace_back(write.value, memory.tensor(write.value));
    }
  }
  for (auto& [id, tensor] : results) {
    auto& value = variant.values[id];
    value.role = RDU_ROLE_CONSTANT;
    value.dims = std::move(tensor.dims);
    value.dim_values.clear();
    value.data = std::move(tensor.data);
  }
  return true;
}

}  // namespace rducc::analysis
