// The walk over the nodes of an ONNX graph or function: the one guard where errors are collected.
#pragma once

#include "tools/rducc/import/onnx/graph_scope.hpp"
#include "tools/rducc/import/onnx/import_state.hpp"

namespace onnx {
class GraphProto;
class NodeProto;
}  // namespace onnx

namespace rducc::import_onnx {

// Thrown where a node fails because of problems that were collected already.
struct Abandoned {};

void define_initializers(const onnx::GraphProto& graph, ir::Builder& builder, GraphScope& scope);

// Imports one node. What it cannot import becomes a Problem, and its outputs become unknown.
void import_node(const onnx::NodeProto& node, ir::Builder& builder, GraphScope& scope);

}  // namespace rducc::import_onnx
