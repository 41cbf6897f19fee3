// Liveness backwards over nodes, then a renumbering of the values that are left.
#include "tools/rducc/passes/eliminate_dead.hpp"

#include <algorithm>

#include "tools/rducc/ir/rewrite.hpp"
#include "tools/rducc/ir/visit_values.hpp"

namespace rducc::passes {
namespace {

using rdu::artifact::kNone;
using rdu::artifact::Node;
using rdu::artifact::ValueId;
using rdu::artifact::Variant;

// Drops nodes of one graph that lead to none of its outputs.
void drop_nodes(Variant& variant, std::uint32_t graph) {
  auto& nodes = variant.graphs[graph].nodes;
  std::vector<bool> live = ir::find_uses(variant, graph).leaves;
  std::vector<bool> erased(nodes.size(), true);
  for (std::size_t i = nodes.size(); i-- > 0;) {
    bool needed = false;
    ir::for_each_write(nodes[i],
                       [&](ValueId id) { needed = needed || live[ir::owner(variant, id)]; });
    if (!needed) continue;
    erased[i] = false;
    ir::for_each_read(nodes[i], [&](ValueId id) { live[ir::owner(variant, id)] = true; });
  }
  ir::erase_nodes(variant, graph, erased);
}

// Graphs that a live node runs, from the model's on.
std::vector<bool> reachable_graphs(const Variant& variant) {
  std::vector<bool> reached(variant.graphs.size(), false);
  std::vector<std::uint32_t> pending{0};
  while (!pending.empty()) {
    const std::uint32_t graph = pending.back();
    pending.pop_back();
    if (graph == RDU_NONE || reached[graph]) continue;
    reached[graph] = true;
    for (const Node& node : variant.graphs[graph].nodes) {
      pending.insert(pending.end(), node.graphs.begin(), node.graphs.end());
    }
  }
  return reached;
}

void drop_graphs(Variant& variant) {
  const auto reached = reachable_graphs(variant);
  std::vector<std::uint32_t> numbers(variant.graphs.size(), RDU_NONE);
  std::vector<rdu::artifact::Graph> kept;
  for (std::size_t i = 0; i < reached.size(); ++i) {
    if (!reached[i]) continue;
    numbers[i] = static_cast<std::uint32_t>(kept.size());
    kept.push_back(std::move(variant.graphs[i]));
  }
  variant.graphs = std::move(kept);
  for (auto& graph : variant.graphs) {
    for (Node& node : graph.nodes) {
      for (std::uint32_t& number : node.graphs) {
        if (number != RDU_NONE) number = numbers[number];
      }
    }
  }
}

void drop_unread_inputs(Variant& variant) {
  const auto uses = ir::find_uses(variant, 0);
  const auto unread = [&](ValueId id) {
    return id != kNone && uses.readers[id].empty() && !uses.leaves[id];
  };
  auto& inputs = variant.graphs[0].inputs;
  inputs.erase(std::remove_if(inputs.begin(), inputs.end(), unread), inputs.end());
  std::replace_if(variant.inputs.begin(), variant.inputs.end(), unread, kNone);
}

}  // namespace

void drop_values(Variant& variant) {
  std::vector<bool> named(variant.values.size(), false);
  ir::visit_values(variant, [&](ValueId& id) { named[id] = true; });
  // What a named value needs is needed: its storage and the extents of its shape.
  for (bool changed = true; changed;) {
    changed = false;
    const auto need = [&](ValueId id) {
      if (id == kNone || named[id]) return;
      named[id] = true;
      changed = true;
    };
    for (ValueId id = 0; id < named.size(); ++id) {
      if (!named[id]) continue;
      need(variant.values[id].storage);
      for (const ValueId bound : variant.values[id].dim_values) need(bound);
    }
  }
  std::vector<ValueId> numbers(variant.values.size(), kNone);
  std::vector<rdu::artifact::Value> kept;
  for (ValueId id = 0; id < named.size(); ++id) {
    if (!named[id]) continue;
    numbers[id] = static_cast<ValueId>(kept.size());
    kept.push_back(std::move(variant.values[id]));
  }
  variant.values = std::move(kept);
  const auto renumber = [&](ValueId& id) { id = numbers[id]; };
  ir::visit_values(variant, renumber);
  ir::visit_origin_tensors(variant, renumber);
  for (auto& value : variant.values) {
    if (value.storage != kNone) renumber(value.storage);
    for (ValueId& bound : value.dim_values) {
      if (bound != kNone) renumber(bound);
    }
  }
}

void eliminate_dead(Variant& variant) {
  for (std::uint32_t graph = 0; graph < variant.graphs.size(); ++graph) drop_nodes(variant, graph);
  drop_graphs(variant);
  drop_unread_inputs(variant);
  drop_values(variant);
}

}  // namespace rducc::passes
