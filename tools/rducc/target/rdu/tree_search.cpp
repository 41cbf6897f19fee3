// A* from all of the tree so far to the next sink's doors.
#include "tools/rducc/target/rdu/tree_search.hpp"

#include <algorithm>
#include <numeric>

namespace rducc::rdu {
namespace {

constexpr std::uint32_t kStart = RDU_HW_NONE;

std::uint32_t opposite(std::uint32_t side) { return side ^ 1; }
static_assert((RDU_HW_SIDE_WEST ^ 1) == RDU_HW_SIDE_EAST &&
              (RDU_HW_SIDE_NORTH ^ 1) == RDU_HW_SIDE_SOUTH);

}  // namespace

TreeSearch::TreeSearch(const Mesh& mesh)
    : mesh_(mesh),
      node_of_(mesh.num_switches(), RDU_HW_NONE),
      cost_(mesh.num_switches(), 0),
      side_(mesh.num_switches(), kStart),
      visited_(mesh.num_switches(), 0) {}

Tree TreeSearch::find(const Ends& ends, const std::vector<std::uint64_t>& prices) {
  tree_ = {};
  tree_.sinks.assign(ends.sinks.size(), RDU_HW_NONE);
  for (const std::uint32_t sink : order_of(ends)) {
    tree_.sinks[sink] = attach(search(ends, ends.sinks[sink], prices));
  }
  for (const Tree::Node& node : tree_.nodes) node_of_[node.at] = RDU_HW_NONE;
  return std::move(tree_);
}

// The nearest first, but those that share a door with the source last: they are content with whatever door is the entry, or near it.
std::vector<std::uint32_t> TreeSearch::order_of(const Ends& ends) const {
  std::vector<std::uint32_t> distances;
  for (const auto& doors : ends.sinks) {
    const std::uint32_t hops = distance(ends.source, doors);
    distances.push_back(hops == 0 ? RDU_HW_NONE : hops);
  }
  std::vector<std::uint32_t> order(ends.sinks.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, {}, [&](std::uint32_t sink) { return distances[sink]; });
  return order;
}

std::uint32_t TreeSearch::distance(const std::vector<std::uint32_t>& from,
                                   const std::vector<std::uint32_t>& to) const {
  std::uint32_t least = RDU_HW_NONE;
  for (const std::uint32_t a : from) {
    for (const std::uint32_t b : to) least = std::min(least, mesh_.distance(a, b));
  }
  return least;
}

// The door of the goal that is cheapest to reach.
std::uint32_t TreeSearch::search(const Ends& ends, const std::vector<std::uint32_t>& goal,
                                 const std::vector<std::uint64_t>& prices) {
  ++number_;
  queue_ = {};
  if (tree_.nodes.empty()) {
    for (const std::uint32_t door : ends.source) offer(door, 0, kStart, goal);
  }
  for (const Tree::Node& node : tree_.nodes) offer(node.at, 0, kStart, goal);
  while (true) {
    const Entry entry = queue_.top();
    queue_.pop();
    if (entry.cost != cost_[entry.at]) continue;
    if (std::ranges::find(goal, entry.at) != goal.end()) return entry.at;
    for (std::uint32_t side = 0; side < 4; ++side) {
      const std::uint32_t next = mesh_.neighbour(entry.at, side);
      if (next == RDU_HW_NONE) continue;
      offer(next, entry.cost + prices[4 * entry.at + side], side, goal);
    }
  }
}

void TreeSearch::offer(std::uint32_t at, std::uint64_t cost, std::uint32_t side,
                       const std::vector<std::uint32_t>& goal) {
  if (visited_[at] == number_ && cost_[at] <= cost) return;
  visited_[at] = number_;
  cost_[at] = cost;
  side_[at] = side;
  queue_.push({cost + kCheapest * distance({at}, goal), cost, at});
}

// The way back to the tree becomes part of it.
std::uint32_t TreeSearch::attach(std::uint32_t goal) {
  std::vector<std::uint32_t> way;
  std::uint32_t at = goal;
  while (side_[at] != kStart) {
    way.push_back(at);
    at = mesh_.neighbour(at, opposite(side_[at]));
  }
  if (tree_.nodes.empty()) {
    node_of_[at] = 0;
    tree_.nodes.push_back({at, RDU_HW_NONE, kStart});
  }
  for (auto next = way.rbegin(); next != way.rend(); ++next) {
    const std::uint32_t parent = node_of_[at];
    at = *next;
    node_of_[at] = static_cast<std::uint32_t>(tree_.nodes.size());
    tree_.nodes.push_back({at, parent, side_[at]});
  }
  return node_of_[goal];
}

}  // namespace rducc::rdu
