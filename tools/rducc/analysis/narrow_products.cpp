// Sorts contractions by the size of their weights.
#include "tools/rducc/analysis/narrow_products.hpp"

#include <algorithm>
#include <cstdint>

#include "tools/rducc/ir/rewrite.hpp"
#include "tools/rducc/ir/tensor.hpp"

namespace rducc::analysis {
namespace {

using rdu::artifact::Instr;
using rdu::artifact::Node;
using rdu::artifact::Variant;

constexpr std::int64_t kFewProducts = 48;
constexpr std::int64_t kExactShare = 256;  // one part in so many of the weights

struct Contraction {
  std::uint32_t graph, node;
  std::int64_t weights;
};

bool multiplies_tensors(const Node& node) {
  if (node.pattern != RDU_PATTERN_CONTRACT || node.acc_dtype != RDU_DTYPE_F32) return false;
  return std::all_of(node.body.results.begin(), node.body.results.end(), [&](std::uint32_t result) {
    const Instr& instr = node.body.code[result];
    return instr.op == RDU_OP_LOAD && instr.dtype == RDU_DTYPE_F32;
  });
}

// 0 where both operands are made in the run.
std::int64_t num_weights(const Variant& variant, const Node& node) {
  std::int64_t count = 0;
  for (const std::uint32_t result : node.body.results) {
    const auto value = node.reads[node.body.code[result].a].value;
    if (!ir::is_constant(variant, value)) continue;
    count = std::max(count, ir::num_elements(variant.values[value].dims));
  }
  return count;
}

std::int64_t num_products(const Node& node) {
  std::int64_t products = 1;
  for (std::size_t i = node.num_parallel; i < node.loops.size(); ++i) {
    products *= node.loops[i].extent;
  }
  return products;
}

}  // namespace

std::vector<std::vector<bool>> narrow_products(const Variant& variant) {
  std::vector<std::vector<bool>> narrow;
  std::vector<Contraction> weighted;
  std::int64_t all_weights = 0;
  for (std::uint32_t g = 0; g < variant.graphs.size(); ++g) {
    const auto& nodes = variant.graphs[g].nodes;
    narrow.emplace_back(nodes.size(), false);
    for (std::uint32_t n = 0; n < nodes.size(); ++n) {
      if (!multiplies_tensors(nodes[n])) continue;
      const std::int64_t weights = num_weights(variant, nodes[n]);
      all_weights += weights;
      narrow[g][n] = weights == 0 || num_products(nodes[n]) >= kFewProducts;
      if (narrow[g][n] && weights != 0) weighted.push_back({g, n, weights});
    }
  }
  std::stable_sort(
      weighted.begin(), weighted.end(),
      [](const Contraction& a, const Contraction& b) { return a.weights < b.weights; });
  std::int64_t exact = 0;
  for (const Contraction& small : weighted) {
    exact += small.weights;
    if (exact * kExactShare > all_weights) break;
    narrow[small.graph][small.node] = false;
  }
  return narrow;
}

}  // namespace rducc::analysis
