// Sorts nodes by what they read that is known at load.
#include "plugins/cpu/plan/make_order.hpp"

#include <algorithm>

#include "plugins/cpu/plan/visit.hpp"

namespace rdu::cpu {

std::vector<std::uint32_t> make_order(plugin::Graph graph, std::uint32_t first, std::uint32_t end) {
  std::vector<std::pair<std::uint64_t, std::uint32_t>> nodes;
  nodes.reserve(end - first);
  for (std::uint32_t n = first; n < end; ++n) {
    std::uint64_t bytes = 0;
    visit_reads(graph, graph.nodes()[n], [&](std::uint32_t value) {
      if (value == RDU_NONE) return;
      const rdu_value& read = graph.value(value);
      if (read.data != nullptr) bytes += read.bytes;
    });
    nodes.emplace_back(bytes, n);
  }
  std::stable_sort(nodes.begin(), nodes.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<std::uint32_t> order;
  order.reserve(nodes.size());
  for (const auto& [bytes, node] : nodes) order.push_back(node);
  return order;
}

}  // namespace rdu::cpu
