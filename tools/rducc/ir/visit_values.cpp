// Visits every value number in a variant, so that values can be renumbered or replaced.
#include "tools/rducc/ir/visit_values.hpp"

namespace rducc::ir {
namespace {

using rdu::artifact::Access;
using rdu::artifact::kNone;
using rdu::artifact::Node;
using rdu::artifact::ValueId;
using Visit = std::function<void(ValueId&)>;

void visit_one(ValueId& id, const Visit& visit) {
  if (id != kNone) visit(id);
}

void visit_access(Access& access, const Visit& visit) {
  for (auto& index : access) {
    visit_one(index.source, visit);
    visit_access(index.source_access, visit);
  }
}

void visit_node(Node& node, const Visit& visit) {
  for (auto& loop : node.loops) visit_one(loop.extent_value, visit);
  for (auto& read : node.reads) {
    visit_one(read.value, visit);
    visit_one(read.fill_value, visit);
    visit_access(read.access, visit);
  }
  for (auto& write : node.writes) {
    visit_one(write.value, visit);
    visit_access(write.access, visit);
  }
  for (auto& port : node.ports) {
    for (ValueId* id : {&port.outer, &port.result, &port.inner_in, &port.inner_out}) {
      visit_one(*id, visit);
    }
  }
  visit_one(node.base, visit);
  visit_one(node.condition, visit);
}

}  // namespace

void visit_values(rdu::artifact::Variant& variant, const Visit& visit) {
  for (auto& graph : variant.graphs) {
    for (ValueId& id : graph.inputs) visit_one(id, visit);
    for (ValueId& id : graph.outputs) visit_one(id, visit);
    for (Node& node : graph.nodes) visit_node(node, visit);
  }
  for (ValueId& id : variant.inputs) visit_one(id, visit);
  for (ValueId& id : variant.outputs) visit_one(id, visit);
  for (auto& variable : variant.variables) {
    for (ValueId* id : {&variable.read, &variable.write, &variable.initial}) visit_one(*id, visit);
  }
  for (auto& encoding : variant.encodings) {
    for (ValueId* id : {&encoding.scale, &encoding.zero_point, &encoding.row_starts,
                        &encoding.col_indices, &encoding.low_rank_left, &encoding.low_rank_right}) {
      visit_one(*id, visit);
    }
  }
}

void visit_origin_tensors(rdu::artifact::Variant& variant, const Visit& visit) {
  for (auto& origin : variant.origins) {
    for (auto& tensor : origin.tensors) visit_one(tensor.value, visit);
  }
}

}  // namespace rducc::ir
