// Sub-graphs of control operators, as graphs of their own or in place.
#include "tools/rducc/import/onnx/sub_graph.hpp"

#include <onnx/onnx_pb.h>

#include "tools/rducc/import/onnx/origin.hpp"
#include "tools/rducc/import/onnx/walk.hpp"

namespace rducc::import_onnx {
namespace {

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

// "then" for the attribute "then_branch", "body" for a loop's; "body/7" for its seventh turn.
std::string part_name(const OpCall& call, const onnx::GraphProto& graph,
                      std::optional<std::int64_t> turn) {
  const std::string suffix = turn ? "/" + std::to_string(*turn) : "";
  for (const auto& attribute : call.node().attribute()) {
    if (!attribute.has_g() || &attribute.g() != &graph) continue;
    return attribute.name().substr(0, attribute.name().find("_branch")) + suffix;
  }
  return suffix;
}

void define_inputs(OpCall& call, const onnx::GraphProto& graph, std::span<const Meaning> inputs,
                   GraphScope& scope) {
  if (num_graph_inputs(graph) > inputs.size()) {
    call.invalid("its sub-graph has " + std::to_string(num_graph_inputs(graph)) + " inputs where " +
                 std::to_string(inputs.size()) + " are given");
  }
  for (int i = 0; i < graph.input_size(); ++i) {
    scope.define(graph.input(i).name(), inputs[static_cast<std::size_t>(i)]);
  }
}

std::vector<Meaning> import_body(OpCall& call, const onnx::GraphProto& graph, GraphScope& scope,
                                 std::optional<std::int64_t> turn) {
  ir::Builder& builder = call.b();
  ImportState& state = scope.state();
  const DepthGuard depth(state);
  const BodyScope body(state, builder, part_name(call, graph, turn));
  const std::size_t num_problems = state.problems.size();
  define_initializers(graph, builder, scope);
  for (const auto& node : graph.node()) import_node(node, builder, scope);
  if (state.problems.size() != num_problems) throw Abandoned{};
  std::vector<Meaning> outputs;
  for (const auto& output : graph.output()) {
    if (scope.is_unknown(output.name())) throw Abandoned{};
    const Meaning* meaning = scope.lookup(output.name());
    if (meaning == nullptr) {
      call.invalid("output '" + output.name() + "' of its sub-graph is not defined");
    }
    outputs.push_back(*meaning);
  }
  return outputs;
}

}  // namespace

std::vector<Meaning> inline_sub_graph(OpCall& call, const onnx::GraphProto& graph,
                                      std::span<const Meaning> inputs,
                                      std::optional<std::int64_t> turn) {
  GraphScope scope(call.b(), call.scope().state(), &call.scope());
  define_inputs(call, graph, inputs, scope);
  return import_body(call, graph, scope, turn);
}

ImportedGraph import_sub_graph(OpCall& call, const onnx::GraphProto& graph,
                               std::span<const ValueId> inputs, std::optional<std::int64_t> turn) {
  GraphScope scope(call.b(), call.scope().state(), &call.scope());
  define_inputs(call, graph, std::vector<Meaning>(inputs.begin(), inputs.end()), scope);
  ImportedGraph result;
  for (const Meaning& output : import_body(call, graph, scope, turn)) {
    result.outputs.push_back(tensor_of(output));
    if (result.outputs.back() == ir::kNone) {
      call.unsupported("a sub-graph that yields a sequence or an optional at run time");
    }
  }
  result.captures = scope.captures();
  return result;
}

std::size_t num_graph_inputs(const onnx::GraphProto& graph) {
  return static_cast<std::size_t>(graph.input_size());
}

std::size_t num_graph_outputs(const onnx::GraphProto& graph) {
  return static_cast<std::size_t>(graph.output_size());
}

std::size_t num_graph_nodes(const onnx::GraphProto& graph) {
  std::size_t count = 0;
  for (const auto& node : graph.node()) {
    ++count;
    for (const auto& attribute : node.attribute()) {
      if (attribute.has_g()) count += num_graph_nodes(attribute.g());
    }
  }
  return count;
}

std::optional<int> declared_rank(const onnx::GraphProto& graph, std::size_t input) {
  const auto& type = graph.input(static_cast<int>(input)).type();
  if (!type.has_tensor_type() || !type.tensor_type().has_shape()) return std::nullopt;
  return type.tensor_type().shape().dim_size();
}

}  // namespace rducc::import_onnx
