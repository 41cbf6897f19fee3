// Functions that a model brings along: inlined where they are called.
#pragma once

#include "tools/rducc/import/onnx/graph_scope.hpp"

namespace onnx {
class FunctionProto;
class NodeProto;
}  // namespace onnx

namespace rducc::import_onnx {

// nullptr where the node calls an operator.
const onnx::FunctionProto* find_function(const ImportState& state, const onnx::NodeProto& node);

void inline_function(const onnx::FunctionProto& function, const onnx::NodeProto& node,
                     ir::Builder& builder, GraphScope& scope);

}  // namespace rducc::import_onnx
