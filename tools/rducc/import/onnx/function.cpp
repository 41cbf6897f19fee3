// Inlines a model-local function: its names are its own, its attribute references are filled in.
#include "tools/rducc/import/onnx/function.hpp"

#include <onnx/onnx_pb.h>

#include "tools/rducc/import/onnx/origin.hpp"
#include "tools/rducc/import/onnx/walk.hpp"

namespace rducc::import_onnx {
namespace {

// `attribute_proto` of FunctionProto, which IR version 9 added to the format.
constexpr int kDefaultsField = 11;

const onnx::AttributeProto* by_name(
    const google::protobuf::RepeatedPtrField<onnx::AttributeProto>& attributes,
    std::string_view name) {
  for (const auto& attribute : attributes) {
    if (attribute.name() == name) return &attribute;
  }
  return nullptr;
}

onnx::NodeProto default_attributes(const onnx::FunctionProto& function) {
  onnx::NodeProto defaults;
  const auto& fields = function.GetReflection()->GetUnknownFields(function);
  for (int i = 0; i < fields.field_count(); ++i) {
    const auto& field = fields.field(i);
    if (field.number() != kDefaultsField ||
        field.type() != google::protobuf::UnknownField::TYPE_LENGTH_DELIMITED) {
      continue;
    }
    if (!defaults.add_attribute()->ParseFromString(field.length_delimited())) {
      throw CompileError(CompileErrorKind::kInvalid,
                         "function '" + function.name() + "': default " +
                             std::to_string(defaults.attribute_size() - 1) +
                             " is no AttributeProto");
    }
  }
  return defaults;
}

// Inside a function the opsets hold that it was written for, and references lead to the call's attributes.
class CallScope {
 public:
  CallScope(ImportState& state, const onnx::FunctionProto& function, const onnx::NodeProto& node)
      : state_(state),
        outer_(state.opsets),
        defaults_(default_attributes(function)),
        call_{node, defaults_, state.call} {
    state.call = &call_;
    for (const auto& opset : function.opset_import()) {
      state.opsets[opset.domain() == "ai.onnx" ? "" : opset.domain()] = opset.version();
    }
    ++state.depth;
  }
  ~CallScope() {
    state_.opsets = outer_;
    state_.call = call_.outer;
    --state_.depth;
  }
  CallScope(const CallScope&) = delete;
  CallScope& operator=(const CallScope&) = delete;

 private:
  ImportState& state_;
  std::map<std::string, std::int64_t> outer_;
  onnx::NodeProto defaults_;
  FunctionCall call_;
};

}  // namespace

const onnx::AttributeProto* find_attribute(const onnx::NodeProto& node, std::string_view name,
                                           const FunctionCall* call) {
  const onnx::AttributeProto* attribute = by_name(node.attribute(), name);
  for (; attribute && !attribute->ref_attr_name().empty(); call = call->outer) {
    if (call == nullptr) return nullptr;
    const std::string& referred = attribute->ref_attr_name();
    attribute = by_name(call->node.attribute(), referred);
    if (attribute == nullptr) return by_name(call->defaults.attribute(), referred);
  }
  return attribute;
}

const onnx::FunctionProto* find_function(const ImportState& state, const onnx::NodeProto& node) {
  for (const auto& function : state.model.proto->functions()) {
    if (function.name() == node.op_type() && function.domain() == node.domain()) return &function;
  }
  return nullptr;
}

void inline_function(const onnx::FunctionProto& function, const onnx::NodeProto& node,
                     ir::Builder& builder, GraphScope& scope) {
  ImportState& state = scope.state();
  if (state.depth >= kMaxDepth) {
    throw CompileError(CompileErrorKind::kInvalid, "functions call each other too deeply");
  }
  const CallScope call(state, function, node);
  const BodyScope body(state, builder, "");
  GraphScope inner(builder, state);
  for (int i = 0; i < function.input_size() && i < node.input_size(); ++i) {
    if (node.input(i).empty()) continue;
    const Meaning* meaning = scope.lookup(node.input(i));
    if (meaning == nullptr) {
      throw CompileError(CompileErrorKind::kInvalid,
                         "input '" + node.input(i) + "' is not defined");
    }
    inner.define(function.input(i), *meaning);
  }
  const std::size_t num_problems = state.problems.size();
  for (const auto& body_node : function.node()) {
    import_node(body_node, builder, inner);
  }
  if (state.problems.size() != num_problems) throw Abandoned{};
  for (int i = 0; i < function.output_size() && i < node.output_size(); ++i) {
    if (node.output(i).empty()) continue;
    const Meaning* meaning = inner.lookup(function.output(i));
    if (meaning == nullptr) {
      throw CompileError(CompileErrorKind::kInvalid,
                         "output '" + function.output(i) + "' of the function is not defined");
    }
    scope.define(node.output(i), *meaning);
  }
}

}  // namespace rducc::import_onnx
