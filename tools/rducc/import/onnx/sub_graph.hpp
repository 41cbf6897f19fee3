// Imports the sub-graphs of control operators.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tools/rducc/import/onnx/graph_scope.hpp"
#include "tools/rducc/import/onnx/op_call.hpp"

namespace rducc::import_onnx {

// In place, as part of the graph that the call is in: what an If of known condition needs, and a
// Loop that is unrolled. `inputs` are what the sub-graph's inputs stand for; `turn` tells several
// imports of one graph apart.
std::vector<Meaning> inline_sub_graph(OpCall& call, const onnx::GraphProto& graph,
                                      std::span<const Meaning> inputs,
                                      std::optional<std::int64_t> turn = {});

struct ImportedGraph {
  std::vector<ValueId> outputs;
  std::vector<GraphScope::Capture> captures;  // one RDU_PORT_CAPTURE each
};

// Into the builder's current graph, which the call's node will own. Its results are tensors.
ImportedGraph import_sub_graph(OpCall& call, const onnx::GraphProto& graph,
                               std::span<const ValueId> inputs,
                               std::optional<std::int64_t> turn = {});

// Nodes go to another graph of the variant while this lives.
class GraphSwitch {
 public:
  GraphSwitch(ir::Builder& builder, std::uint32_t graph)
      : builder_(builder), outer_(builder.graph()) {
    builder.set_graph(graph);
  }
  ~GraphSwitch() { builder_.set_graph(outer_); }
  GraphSwitch(const GraphSwitch&) = delete;
  GraphSwitch& operator=(const GraphSwitch&) = delete;

 private:
  ir::Builder& builder_;
  std::uint32_t outer_;
};

std::size_t num_graph_inputs(const onnx::GraphProto& graph);
std::size_t num_graph_outputs(const onnx::GraphProto& graph);
// Its nodes and those of the graphs in it.
std::size_t num_graph_nodes(const onnx::GraphProto& graph);
// The rank that the graph declares for an input, nullopt where it declares none.
std::optional<int> declared_rank(const onnx::GraphProto& graph, std::size_t input);

}  // namespace rducc::import_onnx
