// List scheduling of each graph by the bytes that stay alive.
#include "tools/rducc/passes/order_nodes.hpp"

#include <algorithm>
#include <set>
#include <tuple>

#include "tools/rducc/analysis/live_bytes.hpp"
#include "tools/rducc/ir/rewrite.hpp"

namespace rducc::passes {
namespace {

using rdu::artifact::ValueId;
using rdu::artifact::Variant;

class Scheduler {
 public:
  Scheduler(const Variant& variant, std::uint32_t graph)
      : variant_(variant),
        nodes_(variant.graphs[graph].nodes),
        uses_(ir::find_uses(variant, graph)),
        live_(variant, graph),
        num_missing_(nodes_.size(), 0),
        writes_left_(variant.values.size(), 0) {
    for (std::uint32_t i = 0; i < nodes_.size(); ++i) {
      num_missing_[i] = inputs_of(i).size();
      if (num_missing_[i] == 0) ready_.insert(i);
    }
    for (ValueId id = 0; id < writes_left_.size(); ++id) {
      writes_left_[id] = uses_.writers[id].size();
    }
  }

  std::vector<std::uint32_t> run() {
    std::vector<std::uint32_t> order;
    while (!ready_.empty()) {
      const std::uint32_t next = best();
      ready_.erase(next);
      order.push_back(next);
      live_.run(next);
      finish(next);
    }
    return order;
  }

  std::int64_t peak() const { return live_.peak(); }

 private:
  // Storages that nodes of this graph write and this node reads.
  std::set<ValueId> inputs_of(std::uint32_t node) const {
    std::set<ValueId> inputs;
    ir::for_each_read(nodes_[node], [&](ValueId id) {
      const ValueId from = ir::owner(variant_, id);
      if (!uses_.writers[from].empty()) inputs.insert(from);
    });
    for (const ValueId id : ir::written_extents(variant_, nodes_[node])) {
      const ValueId from = ir::owner(variant_, id);
      if (!uses_.writers[from].empty()) inputs.insert(from);
    }
    return inputs;
  }

  std::uint32_t best() const {
    const auto rank = [&](std::uint32_t node) {
      bool continues = false;
      ir::for_each_write(nodes_[node], [&](ValueId id) {
        const ValueId to = ir::owner(variant_, id);
        continues = continues || writes_left_[to] < uses_.writers[to].size();
      });
      return std::tuple(!continues, live_.allocated_by(node) - live_.freed_by(node), node);
    };
    return *std::min_element(ready_.begin(), ready_.end(),
                             [&](std::uint32_t a, std::uint32_t b) { return rank(a) < rank(b); });
  }

  void finish(std::uint32_t node) {
    std::set<ValueId> written;
    ir::for_each_write(nodes_[node], [&](ValueId id) { written.insert(ir::owner(variant_, id)); });
    for (const ValueId id : written) {
      if (--writes_left_[id] != 0) continue;
      const std::set<std::uint32_t> readers(uses_.readers[id].begin(), uses_.readers[id].end());
      for (const std::uint32_t reader : readers) {
        if (--num_missing_[reader] == 0) ready_.insert(reader);
      }
    }
  }

  const Variant& variant_;
  const std::vector<rdu::artifact::Node>& nodes_;
  ir::UseMap uses_;
  analysis::LiveBytes live_;
  std::vector<std::size_t> num_missing_;  // by node: storages that it reads and that are not whole
  std::vector<std::size_t> writes_left_;  // by owner
  std::set<std::uint32_t> ready_;
};

std::int64_t peak_of_old_order(const Variant& variant, std::uint32_t graph) {
  analysis::LiveBytes live(variant, graph);
  for (std::uint32_t i = 0; i < variant.graphs[graph].nodes.size(); ++i) live.run(i);
  return live.peak();
}

void order_graph(Variant& variant, std::uint32_t graph) {
  Scheduler scheduler(variant, graph);
  const auto order = scheduler.run();
  auto& nodes = variant.graphs[graph].nodes;
  if (order.size() != nodes.size() || scheduler.peak() >= peak_of_old_order(variant, graph)) return;
  std::vector<rdu::artifact::Node> ordered;
  for (const std::uint32_t i : order) ordered.push_back(std::move(nodes[i]));
  nodes = std::move(ordered);
}

}  // namespace

void order_nodes(Variant& variant) {
  for (std::uint32_t graph = 0; graph < variant.graphs.size(); ++graph) order_graph(variant, graph);
}

}  // namespace rducc::passes
