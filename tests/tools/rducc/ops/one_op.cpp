// Writes the model with protobuf, imports it, and runs the graph in the compile-time evaluator.
#include "tests/tools/rducc/ops/one_op.hpp"

#include <onnx/onnx_pb.h>

#include <catch2/catch.hpp>

#include "tools/rducc/analysis/evaluate.hpp"
#include "tools/rducc/import/onnx/import_graph.hpp"

namespace rducc::test {
namespace {

std::int32_t onnx_type(rdu_dtype dtype) {
  for (std::int32_t type = 1; type < 32; ++type) {
    if (import_onnx::to_dtype(type) == dtype) return type;
  }
  return 0;
}

void write_tensor(const Tensor& tensor, const std::string& name, onnx::TensorProto& proto) {
  proto.set_name(name);
  proto.set_data_type(onnx_type(tensor.dtype));
  for (const std::int64_t dim : tensor.dims) proto.add_dims(dim);
  const auto bytes = tensor.data.bytes;
  proto.set_raw_data(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

void write_input(const Tensor& tensor, const std::string& name, onnx::ValueInfoProto& info) {
  info.set_name(name);
  auto& type = *info.mutable_type()->mutable_tensor_type();
  type.set_elem_type(onnx_type(tensor.dtype));
  type.mutable_shape();
  for (const std::int64_t dim : tensor.dims) type.mutable_shape()->add_dim()->set_dim_value(dim);
}

struct WriteValue {
  onnx::AttributeProto& proto;
  void operator()(std::int64_t value) const {
    proto.set_type(onnx::AttributeProto::INT);
    proto.set_i(value);
  }
  void operator()(float value) const {
    proto.set_type(onnx::AttributeProto::FLOAT);
    proto.set_f(value);
  }
  void operator()(const std::string& value) const {
    proto.set_type(onnx::AttributeProto::STRING);
    proto.set_s(value);
  }
  void operator()(const std::vector<std::int64_t>& values) const {
    proto.set_type(onnx::AttributeProto::INTS);
    for (const std::int64_t value : values) proto.add_ints(value);
  }
  void operator()(const std::vector<float>& values) const {
    proto.set_type(onnx::AttributeProto::FLOATS);
    for (const float value : values) proto.add_floats(value);
  }
};

std::string input_name(std::size_t i) { return "x" + std::to_string(i); }

onnx::ModelProto model_of(const OneOp& op) {
  onnx::ModelProto model;
  model.set_ir_version(8);
  model.add_opset_import()->set_version(op.opset);
  if (!op.domain.empty()) {
    auto& import = *model.add_opset_import();
    import.set_domain(op.domain);
    import.set_version(1);
  }
  auto& graph = *model.mutable_graph();
  graph.set_name("one");
  auto& node = *graph.add_node();
  node.set_op_type(op.type);
  node.set_domain(op.domain);
  node.set_name("n");
  for (std::size_t i = 0; i < op.operands.size(); ++i) {
    const Operand& operand = op.operands[i];
    const bool present = operand.kind != Operand::Kind::kAbsent;
    node.add_input(present ? input_name(i) : "");
    if (operand.kind == Operand::Kind::kGiven) {
      write_input(operand.tensor, input_name(i), *graph.add_input());
    } else if (present) {
      write_tensor(operand.tensor, input_name(i), *graph.add_initializer());
    }
  }
  for (const auto& [name, value] : op.attributes) {
    auto& attribute = *node.add_attribute();
    attribute.set_name(name);
    std::visit(WriteValue{attribute}, value);
  }
  for (std::size_t i = 0; i < op.num_outputs; ++i) {
    const bool named = !op.unnamed_outputs.contains(i);
    node.add_output(named ? "y" + std::to_string(i) : "");
    if (!named) continue;
    graph.add_output()->set_name("y" + std::to_string(i));
  }
  return model;
}

}  // namespace

Tensor f32(Dims dims, std::vector<double> elements) {
  return ir::make_tensor(RDU_DTYPE_F32, std::move(dims), std::span<const double>(elements));
}

Tensor of(rdu_dtype dtype, Dims dims, std::vector<std::int64_t> elements) {
  return ir::make_tensor(dtype, std::move(dims), std::span<const std::int64_t>(elements));
}

Tensor i64(Dims dims, std::vector<std::int64_t> elements) {
  return of(RDU_DTYPE_I64, std::move(dims), std::move(elements));
}

Operand given(Tensor tensor) { return {Operand::Kind::kGiven, std::move(tensor)}; }
Operand known(Tensor tensor) { return {Operand::Kind::kKnown, std::move(tensor)}; }
Operand absent() { return {}; }

OneOpResult run(const OneOp& op) {
  const std::string bytes = model_of(op).SerializeAsString();
  const auto model = import_onnx::parse_model(std::as_bytes(std::span(bytes)), "");
  const auto imported = import_onnx::import_graph(model, {});
  OneOpResult result;
  if (!imported.problems.empty()) {
    // What the operator says; the walk adds the operands.
    const std::string& message = imported.problems[0].message;
    result.problem = message.substr(0, message.find("; inputs: "));
    result.unsupported = imported.problems[0].kind == CompileErrorKind::kUnsupported;
    return result;
  }
  const auto& variant = imported.variant;
  for (const auto& node : variant.graphs[0].nodes) result.patterns.push_back(node.pattern);
  analysis::Memory memory(variant);
  std::size_t next = 0;
  for (const Operand& operand : op.operands) {
    if (operand.kind == Operand::Kind::kGiven) memory.set(variant.inputs[next++], operand.tensor);
  }
  analysis::evaluate_graph(0, memory);
  for (const auto output : variant.outputs) result.outputs.push_back(memory.tensor(output));
  return result;
}

std::vector<double> elements(const OneOp& op) {
  const OneOpResult result = run(op);
  REQUIRE(result.problem == "");
  return result.outputs.at(0).to_f64();
}

Dims shape(const OneOp& op) {
  const OneOpResult result = run(op);
  REQUIRE(result.problem == "");
  return result.outputs.at(0).dims;
}

}  // namespace rducc::test
