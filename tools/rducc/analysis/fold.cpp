// Folding: evaluate, then let the written values carry their content.
#include "tools/rducc/analysis/fold.hpp"

#include <algorithm>

#include "sdk/base/dtype.hpp"
#include "tools/rducc/analysis/dequantised.hpp"
#include "tools/rducc/analysis/evaluate.hpp"

namespace rducc::analysis {
namespace {

using rdu::artifact::Node;
using rdu::artifact::Variant;

constexpr std::int64_t kMostElements = 1 << 20;
constexpr double kMostWork = 1 << 24;

bool keeps_stored_form(const Variant& variant, const Node& node, Widening widening) {
  if (node.pattern != RDU_PATTERN_MAP || node.writes.size() != 1) return false;
  const auto& result = variant.values[node.writes[0].value];
  const std::int64_t count = ir::num_elements(result.dims);
  if (!rdu::base::is_float(result.dtype) || count <= static_cast<std::int64_t>(widening)) {
    return false;
  }
  return std::any_of(node.reads.begin(), node.reads.end(), [&](const auto& read) {
    const auto& value = variant.values[read.value];
    return (is_narrow_integer(value.dtype) || rdu::base::is_float(value.dtype)) &&
           rdu::base::dtype_bits(value.dtype) < rdu::base::dtype_bits(result.dtype) &&
           ir::num_elements(value.dims) == count;
  });
}

bool worth_folding(const Variant& variant, const Node& node, Widening widening) {
  if (keeps_stored_form(variant, node, widening)) return false;
  if (evaluation_cost(node) > kMostWork || !is_foldable(variant, node)) return false;
  return std::all_of(node.writes.begin(), node.writes.end(), [&](const auto& write) {
    return ir::num_elements(variant.values[write.value].dims) <= kMostElements;
  });
}

}  // namespace

bool fold_nodes(Variant& variant, std::span<const Node> nodes, Widening widening) {
  const auto worth = [&](const Node& node) { return worth_folding(variant, node, widening); };
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
