// Uses of values, and removal of nodes.
#include "tools/rducc/ir/rewrite.hpp"

#include <algorithm>
#include <iterator>

namespace rducc::ir {
namespace {

using rdu::artifact::Access;
using rdu::artifact::kNone;

void visit_access(const Access& access, const std::function<void(ValueId)>& visit) {
  for (const auto& index : access) {
    if (index.source != kNone) visit(index.source);
  }
}

}  // namespace

ValueId owner(const Variant& variant, ValueId id) {
  const ValueId storage = variant.values[id].storage;
  return storage == kNone ? id : storage;
}

bool is_constant(const Variant& variant, ValueId id) {
  const std::uint32_t role = variant.values[owner(variant, id)].role;
  return role == RDU_ROLE_CONSTANT || role == RDU_ROLE_PARAMETER;
}

void for_each_read(const Node& node, const std::function<void(ValueId)>& visit) {
  const auto present = [&](ValueId id) {
    if (id != kNone) visit(id);
  };
  for (const auto& read : node.reads) {
    visit(read.value);
    present(read.fill_value);
    visit_access(read.access, visit);
  }
  for (const auto& write : node.writes) visit_access(write.access, visit);
  for (const auto& loop : node.loops) present(loop.extent_value);
  for (const auto& port : node.ports) present(port.outer);
  present(node.base);
  present(node.condition);
}

void for_each_write(const Node& node, const std::function<void(ValueId)>& visit) {
  for (const auto& write : node.writes) visit(write.value);
  for (const auto& port : node.ports) {
    if (port.result != kNone) visit(port.result);
  }
}

// The extents of what a node writes must be there before it, apart from those that it writes itself.
std::vector<ValueId> written_extents(const Variant& variant, const Node& node) {
  std::vector<ValueId> written, extents;
  for_each_write(node, [&](ValueId id) { written.push_back(owner(variant, id)); });
  for_each_write(node, [&](ValueId id) {
    for (const ValueId extent : variant.values[id].dim_values) {
      if (extent == kNone) continue;
      const bool own =
          std::find(written.begin(), written.end(), owner(variant, extent)) != written.end();
      if (!own) extents.push_back(extent);
    }
  });
  return extents;
}

UseMap find_uses(const Variant& variant, std::uint32_t graph) {
  UseMap uses;
  uses.writers.resize(variant.values.size());
  uses.readers.resize(variant.values.size());
  uses.leaves.resize(variant.values.size());
  const auto& described = variant.graphs[graph];
  const auto leave = [&](ValueId id) {
    if (id != kNone) uses.leaves[owner(variant, id)] = true;
  };
  for (const ValueId id : described.outputs) leave(id);
  for (const auto& variable : variant.variables) leave(variable.write);
  for (const auto& value : variant.values) {
    for (const ValueId id : value.dim_values) leave(id);
  }
  for (std::uint32_t i = 0; i < described.nodes.size(); ++i) {
    for_each_read(described.nodes[i],
                  [&](ValueId id) { uses.readers[owner(variant, id)].push_back(i); });
    for_each_write(described.nodes[i],
                   [&](ValueId id) { uses.writers[owner(variant, id)].push_back(i); });
    for (const ValueId id : written_extents(variant, described.nodes[i])) {
      uses.readers[owner(variant, id)].push_back(i);
    }
    // What a sub-graph gives back leaves it through the ports of the node that runs it.
  }
  for (const auto& other : variant.graphs) {
    for (const auto& node : other.nodes) {
      for (const auto& port : node.ports) leave(port.inner_out);
    }
  }
  return uses;
}

void unite_origins(Node& into, const Node& from) {
  std::vector<std::uint32_t> united;
  std::set_union(into.origins.begin(), into.origins.end(), from.origins.begin(), from.origins.end(),
                 std::back_inserter(united));
  into.origins = std::move(united);
}

void erase_nodes(Variant& variant, std::uint32_t graph, const std::vector<bool>& erased) {
  auto& nodes = variant.graphs[graph].nodes;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (erased[i]) continue;
    if (kept != i) nodes[kept] = std::move(nodes[i]);
    ++kept;
  }
  nodes.resize(kept);
}

}  // namespace rducc::ir
