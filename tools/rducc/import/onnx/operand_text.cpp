// A mistake of a node is most often one of its operands: each by name, with its type and its shape.
#include "tools/rducc/import/onnx/operand_text.hpp"

#include <onnx/onnx_pb.h>

#include "tools/rducc/ir/element.hpp"

namespace rducc::import_onnx {
namespace {

constexpr int kMostOperands = 8;

std::string shape_text(const rdu::artifact::Value& value) {
  std::string text = "[";
  for (std::size_t i = 0; i < value.dims.size(); ++i) {
    const bool bounded = !value.dim_values.empty() && value.dim_values[i] != ir::kNone;
    text += (i == 0 ? "" : ",") + std::string(bounded ? "≤" : "") + std::to_string(value.dims[i]);
  }
  return text + "]";
}

std::string describe(const std::string& name, const ir::Builder& builder, GraphScope& scope) {
  const Meaning* meaning = scope.lookup(name);
  if (meaning == nullptr) return "'" + name + "' that nothing defines";
  const ir::ValueId value = tensor_of(*meaning);
  if (value == ir::kNone) return "'" + name + "' that is no tensor";
  return "'" + name + "' " + ir::dtype_name(builder.dtype(value)) +
         shape_text(builder.value(value));
}

}  // namespace

std::string operand_text(const onnx::NodeProto& node, const ir::Builder& builder,
                         GraphScope& scope) {
  std::string text;
  int listed = 0;
  for (const std::string& name : node.input()) {
    if (name.empty()) continue;
    if (++listed > kMostOperands) return text + ", …";
    text += (text.empty() ? "inputs: " : ", ") + describe(name, builder, scope);
  }
  return text;
}

}  // namespace rducc::import_onnx
