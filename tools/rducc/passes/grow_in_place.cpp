// Replaces the old cache by the new one; first gives a copy to those who must see where the old ends.
#include "tools/rducc/passes/grow_in_place.hpp"

#include <algorithm>

#include "tools/rducc/ir/builder.hpp"
#include "tools/rducc/ir/rewrite.hpp"
#include "tools/rducc/ir/visit_values.hpp"
#include "tools/rducc/passes/eliminate_dead.hpp"

namespace rducc::passes {
namespace {

using rdu::artifact::Access;
using rdu::artifact::kNone;
using rdu::artifact::Node;
using rdu::artifact::ValueId;
using rdu::artifact::VariableUse;
using rdu::artifact::Variant;

bool asks_for_end(const Access& access) {
  return std::any_of(access.begin(), access.end(),
                     [](const auto& index) { return index.outside != RDU_OUTSIDE_NEVER; });
}

// The mentions of the old cache by a node that does not just read what is in use of it.
std::vector<ValueId*> careful_reads(Node& node, ValueId past, ValueId present) {
  std::vector<ValueId*> mentions;
  const bool appends = !node.writes.empty() && node.writes[0].value == present;
  for (auto& read : node.reads) {
    if (read.value == past && (appends || asks_for_end(read.access))) {
      mentions.push_back(&read.value);
    }
  }
  for (auto& port : node.ports) {
    if (port.outer == past) mentions.push_back(&port.outer);
  }
  if (!appends && node.base == past) mentions.push_back(&node.base);
  return mentions;
}

void copy_for_careful_readers(Variant& variant, ValueId past, ValueId present) {
  auto& nodes = variant.graphs[0].nodes;
  ValueId copy = kNone;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (careful_reads(nodes[i], past, present).empty()) continue;
    if (copy == kNone) {
      // The builder appends; its node belongs before the first reader.
      ir::Builder builder(variant);
      builder.set_naming(
          {nodes[i].origins.empty() ? kNone : nodes[i].origins[0], nodes[i].name + ".past", 0});
      copy = builder.own_copy(past);
      std::rotate(nodes.begin() + static_cast<std::ptrdiff_t>(i), nodes.end() - 1, nodes.end());
      ++i;
    }
    for (ValueId* mention : careful_reads(nodes[i], past, present)) *mention = copy;
  }
}

}  // namespace

void grow_in_place(Variant& variant) {
  bool changed = false;
  for (std::size_t i = 0; i < variant.variables.size(); ++i) {
    const VariableUse variable = variant.variables[i];
    if (variable.length == RDU_NONE || variable.read == variable.write) continue;
    copy_for_careful_readers(variant, variable.read, variable.write);
    ir::visit_values(variant, [&](ValueId& id) {
      if (id == variable.read) id = variable.write;
    });
    variant.values[variable.write].role = RDU_ROLE_VARIABLE;
    variant.values[variable.write].name = variable.name;
    changed = true;
  }
  if (changed) drop_values(variant);
}

}  // namespace rducc::passes
