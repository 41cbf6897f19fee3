// Imports the sub-graphs of control operators.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "tools/rducc/import/onnx/graph_scope.hpp"
#include "tools/rducc/import/onnx/op_call.hpp"

namespace rducc::import_onnx {

// A value that a sub-graph's input stands for at each run of it.
struct SubInput {
  rdu_dtype dtype = RDU_DTYPE_F32;
  Dims dims;
};

struct SubGraph {
  std::uint32_t graph = RDU_NONE;  // of the variant
  std::vector<ValueId> inputs;
  std::vector<ValueId> outputs;
  std::vector<GraphScope::Capture> captures;  // one RDU_PORT_CAPTURE each
};

// As a graph of its own. Outputs are values of that graph that something in it writes.
SubGraph import_sub_graph(OpCall& call, const onnx::GraphProto& graph,
                          std::span<const SubInput> inputs);

// In place, as part of the graph that the call is in: what an If of known condition needs, and a
// Loop that is unrolled. `inputs` are the values that the sub-graph's inputs stand for.
std::vector<ValueId> inline_sub_graph(OpCall& call, const onnx::GraphProto& graph,
                                      std::span<const ValueId> inputs);

std::size_t num_graph_inputs(const onnx::GraphProto& graph);
std::size_t num_graph_outputs(const onnx::GraphProto& graph);

}  // namespace rducc::import_onnx
