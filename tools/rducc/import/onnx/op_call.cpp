// Access to one ONNX node, with errors that say which node.
#include "tools/rducc/import/onnx/op_call.hpp"

#include <onnx/onnx_pb.h>

#include <algorithm>

#include "tools/rducc/import/onnx/graph_scope.hpp"
#include "tools/rducc/import/onnx/import_state.hpp"
#include "tools/rducc/import/onnx/input_dependence.hpp"

namespace rducc::import_onnx {

OpCall::OpCall(const onnx::NodeProto& node, std::int64_t opset, ir::Builder& builder,
               GraphScope& scope)
    : node_(node), opset_(opset), builder_(builder), scope_(scope) {}

const std::string& OpCall::op_type() const { return node_.op_type(); }
const std::string& OpCall::domain() const { return node_.domain(); }

std::string OpCall::where() const {
  return op_type() + " '" + node_.name() + "' (opset " + std::to_string(opset_) + ")";
}

std::size_t OpCall::num_inputs() const { return static_cast<std::size_t>(node_.input_size()); }

bool OpCall::has_input(std::size_t i) const {
  return i < num_inputs() && !node_.input(static_cast<int>(i)).empty();
}

ValueId OpCall::input(std::size_t i) const {
  if (!has_input(i)) invalid("input " + std::to_string(i) + " is missing");
  const std::string& name = node_.input(static_cast<int>(i));
  const ValueId value = scope_.find(name);
  if (value == ir::kNone) invalid("input '" + name + "' is not defined");
  return value;
}

std::vector<ValueId> OpCall::inputs() const {
  std::vector<ValueId> result;
  for (std::size_t i = 0; i < num_inputs(); ++i) {
    if (has_input(i)) result.push_back(input(i));
  }
  return result;
}

Dims OpCall::dims(std::size_t i) const {
  const auto& value = builder_.value(input(i));
  if (!value.dim_values.empty()) {
    unsupported("input '" + node_.input(static_cast<int>(i)) +
                "' has a dimension whose extent is known at run time only");
  }
  return value.dims;
}

rdu_dtype OpCall::dtype(std::size_t i) const { return builder_.dtype(input(i)); }

std::optional<Tensor> OpCall::constant(std::size_t i) const { return builder_.constant(input(i)); }

Tensor OpCall::required_constant(std::size_t i, std::string_view what) const {
  if (auto tensor = constant(i)) return *tensor;
  const std::set<std::string> sources = inputs_behind(builder_.variant(), input(i));
  std::string message = std::string(what) + " must be known at compile time";
  for (const std::string& source : sources) {
    scope_.state().wanted_inputs.insert(source);
    message += "; it depends on the input '" + source + "': give its value with --fix " + source +
               "=V,… or --data DIR";
  }
  unsupported(message);
}

const onnx::AttributeProto* OpCall::find_attr(std::string_view name) const {
  for (const auto& attribute : node_.attribute()) {
    if (attribute.name() == name) return &attribute;
  }
  return nullptr;
}

bool OpCall::has_attr(std::string_view name) const { return find_attr(name) != nullptr; }

std::int64_t OpCall::attr_i(std::string_view name, std::int64_t fallback) const {
  const auto* attribute = find_attr(name);
  return attribute ? attribute->i() : fallback;
}

double OpCall::attr_f(std::string_view name, double fallback) const {
  const auto* attribute = find_attr(name);
  return attribute ? attribute->f() : fallback;
}

std::string OpCall::attr_s(std::string_view name, std::string_view fallback) const {
  const auto* attribute = find_attr(name);
  return attribute ? attribute->s() : std::string(fallback);
}

std::vector<std::int64_t> OpCall::attr_ints(std::string_view name,
                                            std::vector<std::int64_t> fallback) const {
  const auto* attribute = find_attr(name);
  if (!attribute) return fallback;
  return {attribute->ints().begin(), attribute->ints().end()};
}

std::vector<double> OpCall::attr_floats(std::string_view name, std::vector<double> fallback) const {
  const auto* attribute = find_attr(name);
  if (!attribute) return fallback;
  return {attribute->floats().begin(), attribute->floats().end()};
}

std::vector<std::string> OpCall::attr_strings(std::string_view name) const {
  const auto* attribute = find_attr(name);
  if (!attribute) return {};
  return {attribute->strings().begin(), attribute->strings().end()};
}

std::optional<Tensor> OpCall::attr_tensor(std::string_view name) const {
  const auto* attribute = find_attr(name);
  if (!attribute || !attribute->has_t()) return std::nullopt;
  const LoadedModel& model = scope_.state().model;
  return to_tensor(attribute->t(), model.proto, model.folder);
}

const onnx::GraphProto* OpCall::attr_graph(std::string_view name) const {
  const auto* attribute = find_attr(name);
  return attribute && attribute->has_g() ? &attribute->g() : nullptr;
}

std::size_t OpCall::num_outputs() const { return static_cast<std::size_t>(node_.output_size()); }

bool OpCall::wants_output(std::size_t i) const {
  return i < num_outputs() && !node_.output(static_cast<int>(i)).empty();
}

void OpCall::set_output(std::size_t i, ValueId value) {
  if (wants_output(i)) scope_.define(node_.output(static_cast<int>(i)), value);
}

void OpCall::invalid(const std::string& message) const {
  throw CompileError(CompileErrorKind::kInvalid, message);
}

void OpCall::unsupported(const std::string& message) const {
  throw CompileError(CompileErrorKind::kUnsupported, message);
}

std::int64_t normalise_axis(const OpCall& call, std::int64_t axis, std::int64_t rank) {
  if (axis < -rank || axis >= rank) {
    call.invalid("axis " + std::to_string(axis) + " is outside rank " + std::to_string(rank));
  }
  return axis < 0 ? axis + rank : axis;
}

}  // namespace rducc::import_onnx
