// Inlines a model-local function: its names are its own, its attribute references are filled in.
#include "tools/rducc/import/onnx/function.hpp"

#include <onnx/onnx_pb.h>

#include "tools/rducc/import/onnx/origin.hpp"
#include "tools/rducc/import/onnx/walk.hpp"

namespace rducc::import_onnx {
namespace {

const onnx::AttributeProto* find_attribute(const onnx::NodeProto& call, const std::string& name) {
  for (const auto& attribute : call.attribute()) {
    if (attribute.name() == name) return &attribute;
  }
  return nullptr;
}

// An attribute that refers to one of the function's takes the caller's value, or is absent.
onnx::NodeProto bind_attributes(const onnx::NodeProto& node, const onnx::NodeProto& call) {
  onnx::NodeProto bound = node;
  bound.clear_attribute();
  for (const auto& attribute : node.attribute()) {
    if (attribute.ref_attr_name().empty()) {
      *bound.add_attribute() = attribute;
    } else if (const auto* given = find_attribute(call, attribute.ref_attr_name())) {
      auto* copy = bound.add_attribute();
      *copy = *given;
      copy->set_name(attribute.name());
    }
  }
  return bound;
}

// The opsets that a function was written for hold inside it.
class OpsetScope {
 public:
  OpsetScope(ImportState& state, const onnx::FunctionProto& function)
      : state_(state), outer_(state.opsets) {
    for (const auto& opset : function.opset_import()) {
      state.opsets[opset.domain() == "ai.onnx" ? "" : opset.domain()] = opset.version();
    }
    ++state.depth;
  }
  ~OpsetScope() {
    state_.opsets = outer_;
    --state_.depth;
  }
  OpsetScope(const OpsetScope&) = delete;
  OpsetScope& operator=(const OpsetScope&) = delete;

 private:
  ImportState& state_;
  std::map<std::string, std::int64_t> outer_;
};

}  // namespace

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
  const OpsetScope opsets(state, function);
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
    import_node(bind_attributes(body_node, node), builder, inner);
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
