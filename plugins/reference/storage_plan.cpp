// Planning the arena: first fit by live range for the model's own values, a place of its own for each value of a
// sub-graph (those are small, and repeat).
#include "plugins/reference/storage_plan.hpp"

#include <algorithm>

namespace rdu::reference {
namespace {

constexpr std::uint64_t kAlignment = 64;
constexpr std::uint32_t kNever = RDU_NONE;

struct LiveRange {
  std::uint32_t first = kNever, last = 0;
  bool written = false;
};

struct Placed {
  std::uint64_t begin, end;
  std::uint32_t last;
};

std::uint64_t rounded(std::uint64_t bytes) {
  return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

class Planner {
 public:
  Planner(const plugin::Graph& graph, const Reach& reach) : graph_(graph), reach_(reach) {
    plan_.offsets.assign(graph.values().size(), kNotInArena);
    ranges_.resize(graph.values().size());
    crosses_.assign(graph.values().size(), false);
  }

  StoragePlan plan(std::uint32_t first_section, std::uint32_t end_section) {
    find_live_ranges();
    find_what_crosses(first_section, end_section);
    place_top();
    place_inner();
    return std::move(plan_);
  }

 private:
  void touch(std::uint32_t value, std::uint32_t node, bool writes) {
    LiveRange& range = ranges_[graph_.storage(value)];
    range.first = std::min(range.first, node);
    range.last = std::max(range.last, node);
    range.written |= writes;
  }

  void find_live_ranges() {
    for (std::size_t i = 0; i < reach_.num_top; ++i) {
      const std::uint32_t number = reach_.nodes[i];
      const rdu_node& node = graph_.nodes()[number];
      for_each_read(graph_, node, [&](std::uint32_t v) { touch(v, number, false); });
      for_each_write(graph_, node, [&](std::uint32_t v) { touch(v, number, true); });
    }
  }

  void find_what_crosses(std::uint32_t first_section, std::uint32_t end_section) {
    const auto crosses = [&](std::uint32_t v) { crosses_[graph_.storage(v)] = true; };
    for (std::uint32_t s = first_section; s < end_section; ++s) {
      for (const std::uint32_t v : graph_.inputs(graph_.sections()[s])) crosses(v);
      for (const std::uint32_t v : graph_.outputs(graph_.sections()[s])) crosses(v);
    }
  }

  void place_top() {
    std::vector<std::uint32_t> inside;
    for (std::uint32_t v = 0; v < ranges_.size(); ++v) {
      if (ranges_[v].first == kNever || graph_.value(v).data != nullptr) continue;
      if (ranges_[v].written && !crosses_[v]) {
        inside.push_back(v);
      } else {
        plan_.bound.push_back(v);
      }
    }
    std::stable_sort(inside.begin(), inside.end(), [&](std::uint32_t a, std::uint32_t b) {
      return ranges_[a].first < ranges_[b].first;
    });
    for (const std::uint32_t v : inside) first_fit(v);
  }

  // The lowest gap between the values that are alive; `alive_` is in order of address.
  void first_fit(std::uint32_t v) {
    const std::uint64_t bytes = rounded(graph_.value(v).bytes);
    std::erase_if(alive_, [&](const Placed& p) { return p.last < ranges_[v].first; });
    std::uint64_t offset = 0;
    auto gap = alive_.begin();
    while (gap != alive_.end() && gap->begin < offset + bytes) {
      offset = gap->end;
      ++gap;
    }
    alive_.insert(gap, {offset, offset + bytes, ranges_[v].last});
    plan_.offsets[v] = offset;
    plan_.arena_bytes = std::max(plan_.arena_bytes, offset + bytes);
  }

  void place_inner() {
    const auto place = [&](std::uint32_t value) {
      const std::uint32_t v = graph_.storage(value);
      if (graph_.value(v).data != nullptr || plan_.offsets[v] != kNotInArena) return;
      plan_.offsets[v] = plan_.arena_bytes;
      plan_.arena_bytes += rounded(graph_.value(v).bytes);
    };
    for (std::size_t i = 0; i < reach_.nodes.size(); ++i) {
      const rdu_node& node = graph_.nodes()[reach_.nodes[i]];
      for_each_inner_write(graph_, node, place);
      if (i >= reach_.num_top) for_each_write(graph_, node, place);
    }
  }

  const plugin::Graph& graph_;
  const Reach& reach_;
  std::vector<LiveRange> ranges_;  // by storage owner, in nodes
  std::vector<bool> crosses_;      // by storage owner: the border of a section
  std::vector<Placed> alive_;
  StoragePlan plan_;
};

}  // namespace

StoragePlan plan_storage(const plugin::Graph& graph, std::uint32_t first_section,
                         std::uint32_t end_section, const Reach& reach) {
  return Planner(graph, reach).plan(first_section, end_section);
}

}  // namespace rdu::reference
