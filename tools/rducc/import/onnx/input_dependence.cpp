// Walks from a value to the inputs behind it.
#include "tools/rducc/import/onnx/input_dependence.hpp"

#include <algorithm>
#include <map>
#include <vector>

namespace rducc::import_onnx {

using rdu::artifact::Access;
using rdu::artifact::kNone;
using rdu::artifact::Node;
using rdu::artifact::ValueId;
using rdu::artifact::Variant;

namespace {

void add_sources(const Access& access, std::vector<ValueId>& reads) {
  for (const auto& index : access) {
    if (index.source != kNone) reads.push_back(index.source);
  }
}

std::vector<ValueId> values_read(const Node& node) {
  std::vector<ValueId> reads;
  for (const auto& read : node.reads) {
    reads.push_back(read.value);
    add_sources(read.access, reads);
  }
  for (const auto& write : node.writes) add_sources(write.access, reads);
  for (const auto& port : node.ports) {
    if (port.outer != kNone) reads.push_back(port.outer);
  }
  if (node.base != kNone) reads.push_back(node.base);
  if (node.condition != kNone) reads.push_back(node.condition);
  return reads;
}

std::multimap<ValueId, const Node*> writers(const Variant& variant) {
  std::multimap<ValueId, const Node*> result;
  for (const auto& graph : variant.graphs) {
    for (const Node& node : graph.nodes) {
      for (const auto& write : node.writes) result.emplace(write.value, &node);
      for (const auto& port : node.ports) {
        if (port.result != kNone) result.emplace(port.result, &node);
        // Inside a sub-graph, a captured or carried value leads back out.
        if (port.inner_in != kNone) result.emplace(port.inner_in, &node);
      }
    }
  }
  return result;
}

}  // namespace

std::set<std::string> inputs_behind(const Variant& variant, ValueId value,
                                    const std::map<ValueId, ValueId>& captured) {
  const auto& model_inputs = variant.graphs[0].inputs;
  const auto writer = writers(variant);
  std::set<std::string> inputs;
  std::set<ValueId> seen;
  std::vector<ValueId> pending{value};
  while (!pending.empty()) {
    ValueId id = pending.back();
    pending.pop_back();
    if (variant.values[id].storage != kNone) id = variant.values[id].storage;
    if (!seen.insert(id).second) continue;
    if (std::find(model_inputs.begin(), model_inputs.end(), id) != model_inputs.end()) {
      inputs.insert(variant.values[id].name);
    }
    if (const auto outer = captured.find(id); outer != captured.end()) {
      pending.push_back(outer->second);
    }
    const auto [first, last] = writer.equal_range(id);
    for (auto entry = first; entry != last; ++entry) {
      const auto reads = values_read(*entry->second);
      pending.insert(pending.end(), reads.begin(), reads.end());
    }
  }
  return inputs;
}

}  // namespace rducc::import_onnx
