// Imports nodes one by one and keeps going after a failure, so that all problems are told at once.
#include "tools/rducc/import/onnx/walk.hpp"

#include <onnx/onnx_pb.h>

#include <new>

#include "tools/rducc/import/onnx/function.hpp"
#include "tools/rducc/import/onnx/operand_text.hpp"
#include "tools/rducc/import/onnx/origin.hpp"
#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {
namespace {

constexpr std::int64_t kNewestOpset = 1 << 20;

std::string normal_domain(const std::string& domain) { return domain == "ai.onnx" ? "" : domain; }

std::int64_t opset_of(const ImportState& state, const onnx::NodeProto& node) {
  const auto found = state.opsets.find(normal_domain(node.domain()));
  return found == state.opsets.end() ? 0 : found->second;
}

[[noreturn]] void unsupported(const std::string& message) {
  throw CompileError(CompileErrorKind::kUnsupported, message);
}

bool reads_unknown(const onnx::NodeProto& node, const GraphScope& scope) {
  for (const std::string& input : node.input()) {
    if (!input.empty() && scope.is_unknown(input)) return true;
  }
  return false;
}

const OpEntry& require_op(const onnx::NodeProto& node, std::int64_t opset) {
  if (node.domain() != "" && node.domain() != "ai.onnx" && opset == 0) {
    unsupported("the model imports no opset of the domain '" + node.domain() + "'");
  }
  const OpEntry* entry = find_op(node.domain(), node.op_type(), opset);
  if (entry != nullptr) return *entry;
  unsupported(find_op(node.domain(), node.op_type(), kNewestOpset) != nullptr
                  ? "the operator is supported from a later opset on"
                  : "the operator is not supported");
}

void require_outputs(OpCall& call, const onnx::NodeProto& node, GraphScope& scope,
                     ir::Builder& builder, std::uint32_t origin, std::size_t first_new_value) {
  for (const std::string& output : node.output()) {
    if (output.empty()) continue;
    const Meaning* meaning = scope.lookup(output);
    if (meaning == nullptr) call.unsupported("output '" + output + "' is not supported");
    const ir::ValueId value = tensor_of(*meaning);
    if (value == ir::kNone) continue;
    const std::string name = scope.state().path + output;
    if (value >= first_new_value) builder.variant().values[value].name = name;
    add_tensor(builder, origin, name, value);
  }
  settle_origin(builder, origin, first_new_value);
}

void import_or_throw(const onnx::NodeProto& node, ir::Builder& builder, GraphScope& scope) {
  ImportState& state = scope.state();
  const std::int64_t opset = opset_of(state, node);
  const auto* function = find_function(state, node);
  const OpEntry* entry = function ? nullptr : &require_op(node, opset);
  if (reads_unknown(node, scope)) throw Abandoned{};
  const std::uint32_t origin = begin_origin(node, state, builder);
  const std::size_t first_new_value = builder.variant().values.size();
  OpCall call(node, opset, builder, scope);
  if (function) {
    inline_function(*function, node, builder, scope);
  } else {
    entry->import(call);
  }
  require_outputs(call, node, scope, builder, origin, first_new_value);
}

void forget_outputs(const onnx::NodeProto& node, GraphScope& scope) {
  for (const std::string& output : node.output()) {
    if (!output.empty()) scope.define_unknown(output);
  }
}

}  // namespace

void define_initializers(const onnx::GraphProto& graph, ir::Builder& builder, GraphScope& scope) {
  const LoadedModel& model = scope.state().model;
  for (const auto& proto : graph.initializer()) {
    try {
      scope.define(proto.name(), builder.add_constant(to_tensor(proto, model.proto, model.folder),
                                                      proto.name(), RDU_ROLE_PARAMETER));
    } catch (const CompileError& error) {
      scope.define_unknown(proto.name());
      scope.state().problems.push_back(
          {error.kind(), proto.name(), "initializer", "", 0, error.what()});
    }
  }
  for (const auto& proto : graph.sparse_initializer()) {
    const std::string& name = proto.values().name();
    scope.define_unknown(name);
    scope.state().problems.push_back({CompileErrorKind::kUnsupported, name, "initializer", "", 0,
                                      "sparse initializers are not supported"});
  }
}

void import_node(const onnx::NodeProto& node, ir::Builder& builder, GraphScope& scope) {
  ImportState& state = scope.state();
  if (state.on_node) state.on_node(state.num_nodes);
  if (++state.num_nodes > kMaxNodes) {
    throw CompileError(CompileErrorKind::kInvalid,
                       "more than " + std::to_string(kMaxNodes) + " nodes, inlined ones included");
  }
  const auto report = [&](CompileErrorKind kind, const std::string& message) {
    forget_outputs(node, scope);
    state.problems.push_back({kind, node_path(state, node), node.op_type(), node.domain(),
                              opset_of(state, node), message});
  };
  try {
    import_or_throw(node, builder, scope);
  } catch (const CompileError& error) {
    const bool invalid = error.kind() == CompileErrorKind::kInvalid;
    const std::string operands = invalid ? operand_text(node, builder, scope) : std::string();
    report(error.kind(), operands.empty() ? error.what() : error.what() + ("; " + operands));
  } catch (const Abandoned&) {
    forget_outputs(node, scope);
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& error) {
    report(CompileErrorKind::kInvalid, error.what());
  }
}

}  // namespace rducc::import_onnx
