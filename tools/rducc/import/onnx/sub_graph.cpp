// Sub-graphs of control operators, as graphs of their own or in place.
#include "tools/rducc/import/onnx/sub_graph.hpp"

#include <onnx/onnx_pb.h>

#include "tools/rducc/import/onnx/walk.hpp"

namespace rducc::import_onnx {
namespace {

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

class DepthGuard {
 public:
  explicit DepthGuard(ImportState& state) : state_(state) {
    if (state.depth >= kMaxDepth) {
      throw CompileError(CompileErrorKind::kInvalid, "sub-graphs are nested too deeply");
    }
    ++state.depth;
  }
  ~DepthGuard() { --state_.depth; }
  DepthGuard(const DepthGuard&) = delete;
  DepthGuard& operator=(const DepthGuard&) = delete;

 private:
  ImportState& state_;
};

std::vector<ValueId> import_body(OpCall& call, const onnx::GraphProto& graph, GraphScope& scope) {
  ir::Builder& builder = call.b();
  ImportState& state = scope.state();
  const DepthGuard depth(state);
  const std::size_t num_problems = state.problems.size();
  define_initializers(graph, builder, scope);
  for (const auto& node : graph.node()) import_node(node, builder, scope);
  if (state.problems.size() != num_problems) throw Abandoned{};
  std::vector<ValueId> outputs;
  for (const auto& output : graph.output()) {
    if (scope.is_unknown(output.name())) throw Abandoned{};
    const ValueId value = scope.find(output.name());
    if (value == ir::kNone) {
      call.invalid("output '" + output.name() + "' of its sub-graph is not defined");
    }
    outputs.push_back(value);
  }
  builder.set_origin(call.where(), call.op_type());
  return outputs;
}

void require_inputs(OpCall& call, const onnx::GraphProto& graph, std::size_t given) {
  if (num_graph_inputs(graph) > given) {
    call.invalid("its sub-graph has " + std::to_string(num_graph_inputs(graph)) + " inputs where " +
                 std::to_string(given) + " are given");
  }
}

}  // namespace

SubGraph import_sub_graph(OpCall& call, const onnx::GraphProto& graph,
                          std::span<const SubInput> inputs) {
  require_inputs(call, graph, inputs.size());
  ir::Builder& builder = call.b();
  SubGraph result;
  result.graph = builder.new_graph();
  const GraphSwitch inside(builder, result.graph);
  GraphScope scope(builder, call.scope().state(), &call.scope());
  for (int i = 0; i < graph.input_size(); ++i) {
    const SubInput& input = inputs[static_cast<std::size_t>(i)];
    result.inputs.push_back(builder.add_input(graph.input(i).name(), input.dtype, input.dims));
    scope.define(graph.input(i).name(), result.inputs.back());
  }
  for (const ValueId output : import_body(call, graph, scope)) {
    result.outputs.push_back(builder.own(output, result.outputs));
  }
  result.captures = scope.captures();
  auto& described = builder.variant().graphs[result.graph];
  described.inputs = result.inputs;
  for (const auto& capture : result.captures) described.inputs.push_back(capture.inner);
  described.outputs = result.outputs;
  return result;
}

std::vector<ValueId> inline_sub_graph(OpCall& call, const onnx::GraphProto& graph,
                                      std::span<const ValueId> inputs) {
  require_inputs(call, graph, inputs.size());
  GraphScope scope(call.b(), call.scope().state(), &call.scope());
  for (int i = 0; i < graph.input_size(); ++i) {
    scope.define(graph.input(i).name(), inputs[static_cast<std::size_t>(i)]);
  }
  return import_body(call, graph, scope);
}

std::size_t num_graph_inputs(const onnx::GraphProto& graph) {
  return static_cast<std::size_t>(graph.input_size());
}

std::size_t num_graph_outputs(const onnx::GraphProto& graph) {
  return static_cast<std::size_t>(graph.output_size());
}

}  // namespace rducc::import_onnx
