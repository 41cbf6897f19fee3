// ONNX nodes as origins: who did what in the source model.
#pragma once

#include <cstdint>
#include <string>

#include "tools/rducc/import/onnx/import_state.hpp"
#include "tools/rducc/ir/builder.hpp"

namespace onnx {
class NodeProto;
}  // namespace onnx

namespace rducc::import_onnx {

// The node's name after those of the nodes in whose bodies it stands, "layer1/attn/MatMul_3"; a node
// without one is called after its operator and its first output, "MatMul:scores".
std::string node_path(const ImportState& state, const onnx::NodeProto& node);

// Adds the origin, and names what the builder emits from here on after it.
std::uint32_t begin_origin(const onnx::NodeProto& node, const ImportState& state,
                           ir::Builder& builder);
// Its tensor `name` is `value`.
void add_tensor(ir::Builder& builder, std::uint32_t origin, std::string name, ir::ValueId value);
// Whether it computes at all; `first_new_value`: the number of values before it was imported.
void settle_origin(ir::Builder& builder, std::uint32_t origin, std::size_t first_new_value);

// The origin of the outermost graph that yields a tensor, kNone where none does.
std::uint32_t find_origin(ir::Builder& builder, const std::string& tensor);

// While it lives, imported nodes stand in the body of the node that was being imported.
class BodyScope {
 public:
  // `part`: which body, "then"; "" where the node has only one.
  BodyScope(ImportState& state, ir::Builder& builder, const std::string& part);
  ~BodyScope();
  BodyScope(const BodyScope&) = delete;
  BodyScope& operator=(const BodyScope&) = delete;

 private:
  ImportState& state_;
  ir::Builder& builder_;
  ir::Builder::Naming naming_;
  std::uint32_t parent_;
  std::string path_;
};

}  // namespace rducc::import_onnx
