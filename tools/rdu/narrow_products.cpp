// Looks at the dtypes of what contractions multiply.
#include "tools/rdu/narrow_products.hpp"

#include <algorithm>

#include "sdk/artifact/view.hpp"
#include "sdk/base/result.hpp"

namespace rdu::tool {
namespace {

using artifact::at;

bool multiplies_bf16(const rdu_graph& graph, const rdu_node& node) {
  for (std::uint32_t i = 0; i < node.body.num_results; ++i) {
    const auto result = at<std::uint32_t>(graph.results, node.body.first_result + i);
    if (at<rdu_instr>(graph.instrs, node.body.first_instr + result).dtype != RDU_DTYPE_BF16) {
      return false;
    }
  }
  return true;
}

}  // namespace

std::string narrow_products_text(const rdu_graph& graph, std::span<const double> operations) {
  std::size_t narrow = 0, contractions = 0;
  double of_them = 0, all = 0;
  for (std::uint32_t n = 0; n < graph.nodes.count; ++n) {
    const auto& node = at<rdu_node>(graph.nodes, n);
    if (node.pattern != RDU_PATTERN_CONTRACT) continue;
    ++contractions;
    all += operations[n];
    if (!multiplies_bf16(graph, node)) continue;
    ++narrow;
    of_them += operations[n];
  }
  if (narrow == 0) return "";
  return base::format("bf16: %zu of %zu contractions, %.1f %% of their operations\n", narrow,
                      contractions, 100 * of_them / std::max(all, 1.0));
}

}  // namespace rdu::tool
