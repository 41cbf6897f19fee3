// What the operators with sub-graphs share.
#pragma once

#include <string_view>

#include "tools/rducc/import/onnx/op_call.hpp"

namespace rducc::import_onnx {

// kInvalid where the node has no such attribute.
const onnx::GraphProto& required_graph(const OpCall& call, std::string_view name);

// A scalar in the shape that the graph declares for its input: [1] where it wants a vector.
ValueId scalar_as_declared(ir::Builder& builder, const onnx::GraphProto& graph, std::size_t input,
                           ValueId scalar);

}  // namespace rducc::import_onnx
