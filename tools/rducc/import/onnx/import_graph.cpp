// The main graph: inputs, initializers, nodes in order, outputs.
#include "tools/rducc/import/onnx/import_graph.hpp"

#include <onnx/onnx_pb.h>

#include <algorithm>

#include "tools/rducc/import/onnx/graph_scope.hpp"
#include "tools/rducc/import/onnx/origin.hpp"
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

const GrowingDim* growing_dim(const ImportRequest& request, const std::string& input) {
  const auto& dims = request.growing.dims;
  const auto found = std::find_if(
      dims.begin(), dims.end(), [&](const GrowingDim& growing) { return growing.input == input; });
  return found == dims.end() ? nullptr : &*found;
}

// The scalars that say how much of the growing dimensions is in use, by name. A run leaves room for
// what it appends.
std::map<std::string, ValueId> define_lengths(const ImportRequest& request, ir::Builder& builder) {
  std::map<std::string, ValueId> lengths;
  for (const GrowingDim& growing : request.growing.dims) {
    const auto [entry, fresh] = lengths.try_emplace(growing.name, ir::kNone);
    if (!fresh) continue;
    entry->second = builder.add_value(RDU_DTYPE_I64, {}, {}, growing.name);
    builder.variant().values[entry->second].role = RDU_ROLE_VARIABLE;
    const auto step = request.steps.find(growing.name);
    const std::int64_t taken = step == request.steps.end() ? 0 : step->second;
    builder.limit(entry->second, {0, growing.capacity - taken});
  }
  return lengths;
}

// A known number in a shape that grows.
ValueId spread(const rdu::artifact::SignatureTensor& input, const ir::Tensor& element,
               const ImportRequest& request, const std::map<std::string, ValueId>& lengths,
               ir::Builder& builder) {
  builder.set_origin(ir::kNone, input.name);
  ir::Shape shape;
  for (const auto& dim : input.dims) {
    const auto parts = request.growing.sums.find(dim.name);
    if (parts == request.growing.sums.end()) {
      shape.push_back({dim.name.empty() ? dim.extent : request.dims.at(dim.name), ir::kNone});
      continue;
    }
    ir::Affine extent;
    for (const std::string& part : parts->second) {
      const auto length = lengths.find(part);
      const auto known = request.dims.find(part);
      const ir::Affine term = length != lengths.end()
                                  ? ir::Affine::of(ir::Symbol{length->second, 0})
                              : known != request.dims.end() ? ir::Affine::of(known->second)
                                                            : ir::Affine::of(std::stoll(part));
      extent = ir::sum(extent, term).value_or(extent);
    }
    shape.push_back(builder.extent(extent));
  }
  return builder.expand_to(builder.add_constant(element, input.name), shape);
}

void define_inputs(const std::vector<rdu::artifact::SignatureTensor>& inputs,
                   const ImportRequest& request, ir::Builder& builder, GraphScope& scope) {
  auto& variant = builder.variant();
  const auto lengths = define_lengths(request, builder);
  for (std::uint32_t i = 0; i < inputs.size(); ++i) {
    const auto& input = inputs[i];
    if (const auto known = request.constants.find(input.name); known != request.constants.end()) {
      const ir::Tensor& tensor = known->second;
      const bool grows = std::any_of(input.dims.begin(), input.dims.end(), [&](const auto& dim) {
        return request.growing.sums.contains(dim.name);
      });
      if (grows) {
        scope.define(input.name, spread(input, tensor, request, lengths, builder));
        variant.inputs.push_back(ir::kNone);
        continue;
      }
      scope.define(input.name, builder.add_constant(tensor, input.name));
      variant.specialised.push_back(
          {i, tensor.dtype, tensor.dims, {tensor.data.bytes.begin(), tensor.data.bytes.end()}});
      variant.inputs.push_back(ir::kNone);
      continue;
    }
    const GrowingDim* growing = growing_dim(request, input.name);
    ir::Shape shape;
    for (const auto& dim : input.dims) {
      if (growing != nullptr && shape.size() == growing->axis) {
        shape.push_back({growing->capacity, lengths.at(growing->name)});
      } else {
        shape.push_back({dim.name.empty() ? dim.extent : request.dims.at(dim.name), ir::kNone});
      }
    }
    const ValueId value = builder.add_input(input.name, input.dtype, ir::bounds_of(shape));
    variant.values[value].dim_values = ir::values_of(shape);
    if (growing != nullptr) {
      builder.add_growing({value, growing->axis, lengths.at(growing->name)});
    }
    scope.define(input.name, value);
    variant.inputs.push_back(value);
    variant.graphs[0].inputs.push_back(value);
  }
}

void rebind_tensor(rdu::artifact::Origin& origin, const std::string& name, ValueId value) {
  for (auto& tensor : origin.tensors) {
    if (tensor.name == name) tensor.value = value;
  }
}

void bind_outputs(const onnx::GraphProto& graph, ir::Builder& builder, GraphScope& scope) {
  auto& outputs = builder.variant().outputs;
  for (const auto& output : graph.output()) {
    const std::string& name = output.name();
    if (scope.is_unknown(name)) continue;
    ValueId value = scope.find(name);
    if (value == ir::kNone) {
      const bool written = scope.lookup(name) != nullptr;
      scope.state().problems.push_back(
          {written ? CompileErrorKind::kUnsupported : CompileErrorKind::kInvalid, name, "output",
           "", 0,
           written ? "it is a sequence or an optional; tensors of numbers are supported"
                   : "no node writes this output of the model"});
      continue;
    }
    const std::uint32_t origin = find_origin(builder, name);
    builder.set_origin(origin, name);
    value = builder.own(value, outputs);
    builder.variant().values[value].name = name;
    if (origin != ir::kNone) rebind_tensor(builder.variant().origins[origin], name, value);
    outputs.push_back(value);
  }
  builder.variant().graphs[0].outputs = outputs;
}

}  // namespace

bool Growing::has(const std::string& dim) const {
  return sums.contains(dim) || std::any_of(dims.begin(), dims.end(), [&](const auto& growing) {
           return growing.name == dim;
         });
}

ImportResult import_graph(const LoadedModel& model, const ImportRequest& request) {
  ImportResult result;
  ImportState state{model, opsets_of(*model.proto)};
  state.on_node = request.on_node;
  state.loop_bound = request.loop_bound;
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
  for (const ir::GrowingInput& values : builder.growing()) {
    const auto* dim = growing_dim(request, result.variant.values[values.past].name);
    result.growth.push_back({*dim, values});
  }
  result.problems = std::move(state.problems);
  result.wanted_inputs = std::move(state.wanted_inputs);
  return result;
}

}  // namespace rducc::import_onnx
