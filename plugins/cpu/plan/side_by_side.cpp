// A scan waits for a later one where nothing between them needs it, and becomes its neighbour.
#include "plugins/cpu/plan/side_by_side.hpp"

#include <algorithm>

#include "plugins/cpu/plan/visit.hpp"

namespace rdu::cpu {
namespace {

constexpr std::uint32_t kFarthest = 32;   // nodes from one of a group to the next
constexpr std::int64_t kFewestTrips = 8;  // of a scan that is worth another thread

bool is_candidate(const plugin::Graph& graph, const rdu_node& node) {
  if (node.pattern != RDU_PATTERN_SCAN || node.condition != RDU_NONE) return false;
  const auto loops = graph.loops(node);
  return loops.size() == 1 && loops[0].extent >= kFewestTrips;
}

// What a node and its sub-graphs read and write, by storage.
struct Touched {
  std::vector<std::uint32_t> reads, writes;

  Touched(const plugin::Graph& graph, const rdu_node& outer) {
    const auto add = [&](std::vector<std::uint32_t>& list) {
      return [&graph, &list](std::uint32_t value) {
        if (value != RDU_NONE) list.push_back(graph.storage(value));
      };
    };
    const auto read = add(reads), write = add(writes);
    visit_nested(graph, outer, [&](const rdu_node& node) {
      visit_reads(graph, node, read);
      visit_writes(graph, node, write);
      for (const rdu_port& port : graph.ports(node)) {
        write(port.inner_in);
        write(port.inner_out);
      }
    });
    std::sort(reads.begin(), reads.end());
    std::sort(writes.begin(), writes.end());
  }

  static bool meet(const std::vector<std::uint32_t>& a, const std::vector<std::uint32_t>& b) {
    return std::any_of(a.begin(), a.end(), [&](std::uint32_t storage) {
      return std::binary_search(b.begin(), b.end(), storage);
    });
  }
  bool independent_of(const Touched& other) const {
    return !meet(writes, other.reads) && !meet(writes, other.writes) && !meet(reads, other.writes);
  }
};

struct Group {
  std::vector<std::uint32_t> nodes;
  std::vector<Touched> touched;  // of each

  bool may_wait_for(const Touched& other) const {
    return std::all_of(touched.begin(), touched.end(),
                       [&](const Touched& mine) { return mine.independent_of(other); });
  }
};

// Can all of the group go beyond the nodes up to `last`, and run beside it?
bool may_move(const plugin::Graph& graph, const Group& group, std::uint32_t last) {
  for (std::uint32_t n = group.nodes.back() + 1; n <= last; ++n) {
    if (!group.may_wait_for(Touched(graph, graph.nodes()[n]))) return false;
  }
  return true;
}

}  // namespace

std::vector<std::vector<std::uint32_t>> find_side_by_side(plugin::Graph graph,
                                                          std::uint32_t first_node,
                                                          std::uint32_t end_node,
                                                          StoragePlan& storage) {
  std::vector<std::vector<std::uint32_t>> found;
  Group group;
  const auto finish = [&] {
    if (group.nodes.size() > 1) {
      const std::uint32_t last = group.nodes.back() - first_node;
      for (const Touched& touched : group.touched) {
        storage.keep_until(touched.reads, last);
        storage.keep_until(touched.writes, last);
      }
      for (std::uint32_t& node : group.nodes) node -= first_node;
      found.push_back(std::move(group.nodes));
    }
    group = {};
  };
  for (std::uint32_t n = first_node; n < end_node; ++n) {
    const rdu_node& node = graph.nodes()[n];
    if (!is_candidate(graph, node)) continue;
    const bool joins = !group.nodes.empty() && group.nodes.size() < kMostSideBySide &&
                       n - group.nodes.back() <= kFarthest && may_move(graph, group, n);
    if (!joins) finish();
    group.nodes.push_back(n);
    group.touched.emplace_back(graph, node);
  }
  finish();
  return found;
}

}  // namespace rdu::cpu
