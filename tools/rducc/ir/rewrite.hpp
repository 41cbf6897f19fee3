// Questions that passes ask of a graph, and the edits that they share.
#pragma once

#include <functional>
#include <vector>

#include "sdk/artifact/model.hpp"

namespace rducc::ir {

using rdu::artifact::Node;
using rdu::artifact::ValueId;
using rdu::artifact::Variant;

// The value whose bytes `id` names.
ValueId owner(const Variant& variant, ValueId id);
bool is_constant(const Variant& variant, ValueId id);

// Every value that a node reads, in whatever way: reads, indirect indices, fills, run-time extents,
// base, condition, ports.
void for_each_read(const Node& node, const std::function<void(ValueId)>& visit);
void for_each_write(const Node& node, const std::function<void(ValueId)>& visit);

// Who writes and who reads each storage within one graph, by number of the node.
struct UseMap {
  std::vector<std::vector<std::uint32_t>> writers;  // by owner
  std::vector<std::vector<std::uint32_t>>
      readers;               // by owner; a node that reads twice is there twice
  std::vector<bool> leaves;  // by owner: outputs, variables, bounds of shapes
};

// The values that say how much of what a node writes is in use, unless it writes them itself.
std::vector<ValueId> written_extents(const Variant& variant, const Node& node);

UseMap find_uses(const Variant& variant, std::uint32_t graph);

// `into` does the work of `from` too.
void unite_origins(Node& into, const Node& from);

// Removes the marked nodes.
void erase_nodes(Variant& variant, std::uint32_t graph, const std::vector<bool>& erased);

}  // namespace rducc::ir
