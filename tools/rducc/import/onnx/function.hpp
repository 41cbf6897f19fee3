// Functions that a model brings along: inlined where they are called.
#pragma once

#include <string_view>

#include "tools/rducc/import/onnx/graph_scope.hpp"

namespace onnx {
class AttributeProto;
class FunctionProto;
class NodeProto;
}  // namespace onnx

namespace rducc::import_onnx {

// A call whose body is being imported, inside the body of `outer` where that is not null.
struct FunctionCall {
  const onnx::NodeProto& node;
  const onnx::NodeProto& defaults;  // attributes that the function has where the call has none
  const FunctionCall* outer;
};

// The attribute of a node in the body of `call`, references followed to whoever gave a value; or nullptr.
const onnx::AttributeProto* find_attribute(const onnx::NodeProto& node, std::string_view name,
                                           const FunctionCall* call);

// nullptr where the node calls an operator.
const onnx::FunctionProto* find_function(const ImportState& state, const onnx::NodeProto& node);

void inline_function(const onnx::FunctionProto& function, const onnx::NodeProto& node,
                     ir::Builder& builder, GraphScope& scope);

}  // namespace rducc::import_onnx
