// The main graph: inputs, initializers, nodes in order, outputs.
#include "tools/rducc/import/onnx/import_graph.hpp"

#include <onnx/onnx_pb.h>

#include "tools/rducc/import/onnx/graph_scope.hpp"
#include "tools/rducc/import/onnx/signature.hpp"
#include "tools/rducc/import/onnx/walk.hpp"

namespace rducc::import_onnx {
namespace {

using ir::ValueId;

std::map<std::string, std::int64_t> opsets_of(const onnx::ModelProto& model) {
  std::map<std::string, std::int64_t> opsets;
  for (const auto& opset : model.opset_import()) {
    opsets[opset.domain() == "ai.onnx" ? "" : opset.domain()] = opset.version();
  }
  if (!opsets.contains("")) opsets[""] = 1;
  return opsets;
}

void define_inputs(const std::vector<rdu::artifact::SignatureTensor>& inputs,
                   const ImportRequest& request, ir::Builder& builder, GraphScope& scope) {
  auto& variant = builder.variant();
  for (std::uint32_t i = 0; i < inputs.size(); ++i) {
    const auto& input = inputs[i];
    if (const auto known = request.constants.find(input.name); known != request.constants.end()) {
      const ir::Tensor& tensor = known->second;
      scope.define(input.name, builder.add_constant(tensor, input.name));
      variant.specialised.push_back(
          {i, tensor.dtype, tensor.dims, {tensor.data.bytes.begin(), tensor.data.bytes.end()}});
      variant.inputs.push_back(ir::kNone);
      continue;
    }
    ir::Dims dims;
    for (const auto& dim : input.dims) {
      dims.push_back(dim.name.empty() ? dim.extent : request.dims.at(dim.name));
    }
    const ValueId value = builder.add_input(input.name, input.dtype, std::move(dims));
    scope.define(input.name, value);
    variant.inputs.push_back(value);
    variant.graphs[0].inputs.push_back(value);
  }
}

void bind_outputs(const onnx::GraphProto& graph, ir::Builder& builder, GraphScope& scope) {
  auto& outputs = builder.variant().outputs;
  for (const auto& output : graph.output()) {
    const std::string& name = output.name();
    if (scope.is_unknown(name)) continue;
    ValueId value = scope.find(name);
    if (value == ir::kNone) {
      scope.state().problems.push_back({CompileErrorKind::kInvalid, name, "output", "", 0,
                                        "no node writes this output of the model"});
      continue;
    }
    builder.set_origin("", name);
    value = builder.own(value, outputs);
    builder.variant().values[value].name = name;
    outputs.push_back(value);
  }
  builder.variant().graphs[0].outputs = outputs;
}

}  // namespace

ImportResult import_graph(const LoadedModel& model, const ImportRequest& request) {
  ImportResult result;
  ImportState state{model, opsets_of(*model.proto), {}, {}};
  result.variant.graphs.resize(1);
  ir::Builder builder(result.variant);
  GraphScope scope(builder, state);
  const onnx::GraphProto& graph = model.proto->graph();
  const auto inputs = input_signature(model);
  state.problems = inputs.problems;
  define_inputs(inputs.tensors, request, builder, scope);
  define_initializers(graph, builder, scope);
  for (const auto& problem : inputs.problems) scope.define_unknown(problem.node);
  for (const auto& node : graph.node()) import_node(node, builder, scope);
  bind_outputs(graph, builder, scope);
  result.problems = std::move(state.problems);
  result.wanted_inputs = std::move(state.wanted_inputs);
  return result;
}

}  // namespace rducc::import_onnx
