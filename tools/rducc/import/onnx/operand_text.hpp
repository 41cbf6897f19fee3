// The operands of a node, for messages.
#pragma once

#include <string>

#include "tools/rducc/import/onnx/graph_scope.hpp"

namespace onnx {
class NodeProto;
}  // namespace onnx

namespace rducc::import_onnx {

// "inputs: 'x' f32[2,3], 'w' i64[4,≤9]", the first few; "" where there are none.
std::string operand_text(const onnx::NodeProto& node, const ir::Builder& builder,
                         GraphScope& scope);

}  // namespace rducc::import_onnx
