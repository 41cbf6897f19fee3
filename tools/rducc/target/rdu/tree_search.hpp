// The cheapest tree from a source's doors to one door of each sink, sink by sink.
#pragma once

#include <queue>

#include "tools/rducc/target/rdu/mesh.hpp"

namespace rducc::rdu {

struct Ends {
  std::vector<std::uint32_t> source;              // doors
  std::vector<std::vector<std::uint32_t>> sinks;  // doors of each
};

// Switches in the order in which the tree reached them; the first is the entry.
struct Tree {
  struct Node {
    std::uint32_t at;
    std::uint32_t parent;  // number of a node; RDU_HW_NONE: the entry
    std::uint32_t side;    // by which the parent was left
  };
  std::vector<Node> nodes;
  std::vector<std::uint32_t> sinks;  // by sink: number of its node
};

class TreeSearch {
 public:
  explicit TreeSearch(const Mesh& mesh);

  // `prices`: of each bundle, kCheapest or more.
  static constexpr std::uint64_t kCheapest = 16;
  Tree find(const Ends& ends, const std::vector<std::uint64_t>& prices);

 private:
  struct Entry {
    std::uint64_t estimate;
    std::uint64_t cost;
    std::uint32_t at;
    // The cheaper is served first, then the farther on its way, then the lower number: one order, whatever the heap does.
    friend bool operator<(const Entry& a, const Entry& b) {
      if (a.estimate != b.estimate) return a.estimate > b.estimate;
      if (a.cost != b.cost) return a.cost < b.cost;
      return a.at > b.at;
    }
  };

  std::vector<std::uint32_t> order_of(const Ends& ends) const;
  std::uint32_t distance(const std::vector<std::uint32_t>& from,
                         const std::vector<std::uint32_t>& to) const;
  std::uint32_t search(const Ends& ends, const std::vector<std::uint32_t>& goal,
                       const std::vector<std::uint64_t>& prices);
  void offer(std::uint32_t at, std::uint64_t cost, std::uint32_t side,
             const std::vector<std::uint32_t>& goal);
  std::uint32_t attach(std::uint32_t goal);

  const Mesh& mesh_;
  Tree tree_;
  std::vector<std::uint32_t> node_of_;  // by switch: number of its node in the tree
  std::vector<std::uint64_t> cost_;
  std::vector<std::uint32_t> side_;     // by which the switch was reached
  std::vector<std::uint32_t> visited_;  // by switch: the search that saw it
  std::uint32_t number_ = 0;            // of the search
  std::priority_queue<Entry> queue_;
};

}  // namespace rducc::rdu
