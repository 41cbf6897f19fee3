// A synthetic node in a scope of its own, imported at once into the graph of the call.
#include "tools/rducc/import/onnx/ops/delegate.hpp"

#include <onnx/onnx_pb.h>

#include "tools/rducc/import/onnx/graph_scope.hpp"
#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {

Delegate::Delegate(OpCall& call, std::string_view op_type, std::int64_t opset,
                   std::string_view domain)
    : call_(call), opset_(opset), node_(std::make_unique<onnx::NodeProto>()) {
  node_->set_op_type(std::string(op_type));
  node_->set_domain(std::string(domain));
  node_->set_name(call.node().name());
}

Delegate::~Delegate() = default;

Delegate& Delegate::inherit() {
  *node_->mutable_attribute() = call_.node().attribute();
  return *this;
}

onnx::AttributeProto& Delegate::attribute(std::string_view name) {
  auto& attributes = *node_->mutable_attribute();
  for (auto& existing : attributes) {
    if (existing.name() != name) continue;
    existing.Clear();
    existing.set_name(std::string(name));
    return existing;
  }
  attributes.Add()->set_name(std::string(name));
  return *attributes.rbegin();
}

Delegate& Delegate::set(std::string_view name, std::int64_t value) {
  auto& proto = attribute(name);
  proto.set_type(onnx::AttributeProto::INT);
  proto.set_i(value);
  return *this;
}

Delegate& Delegate::set(std::string_view name, double value) {
  auto& proto = attribute(name);
  proto.set_type(onnx::AttributeProto::FLOAT);
  proto.set_f(static_cast<float>(value));
  return *this;
}

Delegate& Delegate::set(std::string_view name, std::span<const std::int64_t> values) {
  auto& proto = attribute(name);
  proto.set_type(onnx::AttributeProto::INTS);
  for (const std::int64_t value : values) proto.add_ints(value);
  return *this;
}

// What the operand is called in the model, so that messages name what the user knows.
std::string Delegate::name_of(ValueId operand, std::size_t position) const {
  for (std::size_t i = 0; i < call_.num_inputs(); ++i) {
    if (call_.has_input(i) && call_.input(i) == operand) {
      return call_.node().input(static_cast<int>(i));
    }
  }
  return "operand " + std::to_string(position);
}

std::vector<ValueId> Delegate::run(std::span<const ValueId> operands, std::size_t num_outputs) {
  const OpEntry* entry = find_op(node_->domain(), node_->op_type(), opset_);
  if (entry == nullptr) call_.unsupported("needs " + node_->op_type());
  GraphScope scope(call_.b(), call_.scope().state());
  for (std::size_t i = 0; i < operands.size(); ++i) {
    const bool present = operands[i] != ir::kNone;
    const std::string name = present ? name_of(operands[i], i) : "";
    node_->add_input(name);
    if (present) scope.define(name, operands[i]);
  }
  const auto result_name = [](std::size_t i) { return "result " + std::to_string(i); };
  for (std::size_t i = 0; i < num_outputs; ++i) node_->add_output(result_name(i));
  OpCall inner(*node_, opset_, call_.b(), scope);
  entry->import(inner);
  std::vector<ValueId> results;
  for (std::size_t i = 0; i < num_outputs; ++i) results.push_back(scope.find(result_name(i)));
  return results;
}

ValueId Delegate::run(std::initializer_list<ValueId> operands) {
  return run(std::span(operands.begin(), operands.size()), 1)[0];
}

ValueId input_or_none(const OpCall& call, std::size_t i) {
  return call.has_input(i) ? call.input(i) : ir::kNone;
}

}  // namespace rducc::import_onnx
