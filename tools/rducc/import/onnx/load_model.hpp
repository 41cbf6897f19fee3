// Reads an ONNX file into messages, and its tensors into the compiler's.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "sdk/base/hash.hpp"
#include "tools/rducc/ir/tensor.hpp"

namespace onnx {
class ModelProto;
class TensorProto;
}  // namespace onnx

namespace rducc::import_onnx {

struct LoadedModel {
  std::shared_ptr<const onnx::ModelProto> proto;
  std::string folder;  // that external data is confined to; empty: none allowed
  rdu::base::Hash128 hash;
  std::size_t file_bytes = 0;
};

// Throws CompileError.
LoadedModel parse_model(std::span<const std::byte> bytes, std::string folder);

// A tensor whose bytes stay where they are wherever they are dense already: in the message, which
// `owner` keeps, or in the mapped external file.
ir::Tensor to_tensor(const onnx::TensorProto& proto, const std::shared_ptr<const void>& owner,
                     const std::string& folder);

// A TensorProto file (a sample input).
struct NamedTensor {
  std::string name;
  ir::Tensor tensor;
};
NamedTensor load_tensor(const std::string& path);

// RDU_DTYPE_NONE for strings and the like.
rdu_dtype to_dtype(std::int32_t onnx_type);
std::string onnx_type_name(std::int32_t onnx_type);

}  // namespace rducc::import_onnx
