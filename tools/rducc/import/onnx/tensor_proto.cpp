// TensorProto to tensor: raw and external bytes are borrowed, typed fields are repacked.
#include <onnx/onnx_pb.h>

#include <array>
#include <charconv>

#include "tools/rducc/import/onnx/confined_file.hpp"
#include "tools/rducc/import/onnx/load_model.hpp"
#include "tools/rducc/ir/element.hpp"
#include "tools/rducc/ir/error.hpp"

namespace rducc::import_onnx {
namespace {

using onnx::TensorProto;

// The numbers of TensorProto.DataType; the two 4-bit types are younger than the package's messages.
constexpr std::int32_t kUint4 = 21, kInt4 = 22;

[[noreturn]] void invalid(const TensorProto& proto, const std::string& why) {
  throw CompileError(CompileErrorKind::kInvalid, "tensor '" + proto.name() + "': " + why);
}

std::uint64_t external_number(const TensorProto& proto, const std::string& text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) {
    invalid(proto, "external data has offset or length '" + text + "'");
  }
  return number;
}

ir::Tensor from_external(const TensorProto& proto, ir::Tensor tensor, std::size_t size,
                         const std::string& folder) {
  if (folder.empty()) invalid(proto, "external data in a model that has no folder");
  std::string location;
  std::uint64_t offset = 0, length = size;
  for (const auto& entry : proto.external_data()) {
    if (entry.key() == "location") location = entry.value();
    if (entry.key() == "offset") offset = external_number(proto, entry.value());
    if (entry.key() == "length") length = external_number(proto, entry.value());
  }
  if (length != size) {
    invalid(proto, "external data of " + std::to_string(length) +
                       " bytes where the shape asks for " + std::to_string(size));
  }
  if (size == 0) return ir::make_tensor(tensor.dtype, tensor.dims, std::vector<std::byte>{});
  const MappedRange range = map_confined(folder, location, offset, length);
  tensor.data = {range.bytes, range.owner};
  return tensor;
}

template <typename Field>
ir::Tensor from_integers(const TensorProto& proto, const ir::Tensor& tensor, const Field& field) {
  const std::vector<std::int64_t> elements(field.begin(), field.end());
  if (static_cast<std::int64_t>(elements.size()) != ir::num_elements(tensor.dims)) {
    invalid(proto, std::to_string(elements.size()) + " elements where the shape asks for " +
                       std::to_string(ir::num_elements(tensor.dims)));
  }
  // The 16-bit floats travel as integers that hold their bits.
  const bool bits = tensor.dtype == RDU_DTYPE_F16 || tensor.dtype == RDU_DTYPE_BF16;
  ir::Tensor result = ir::make_tensor(bits ? RDU_DTYPE_U16 : tensor.dtype, tensor.dims, elements);
  result.dtype = tensor.dtype;
  return result;
}

template <typename Field>
ir::Tensor from_floats(const TensorProto& proto, const ir::Tensor& tensor, const Field& field) {
  const std::vector<double> elements(field.begin(), field.end());
  if (static_cast<std::int64_t>(elements.size()) != ir::num_elements(tensor.dims)) {
    invalid(proto, std::to_string(elements.size()) + " elements where the shape asks for " +
                       std::to_string(ir::num_elements(tensor.dims)));
  }
  return ir::make_tensor(tensor.dtype, tensor.dims, elements);
}

// Two to a byte, one byte an element of int32_data.
ir::Tensor from_nibbles(const TensorProto& proto, const ir::Tensor& tensor, std::size_t size) {
  std::vector<std::byte> bytes;
  for (const std::int32_t byte : proto.int32_data()) bytes.push_back(static_cast<std::byte>(byte));
  if (bytes.size() != size) invalid(proto, "its packed elements do not fit its shape");
  return ir::make_tensor(tensor.dtype, tensor.dims, std::move(bytes));
}

ir::Tensor from_typed_field(const TensorProto& proto, const ir::Tensor& tensor, std::size_t size) {
  switch (tensor.dtype) {
    case RDU_DTYPE_F32:
      return from_floats(proto, tensor, proto.float_data());
    case RDU_DTYPE_F64:
      return from_floats(proto, tensor, proto.double_data());
    case RDU_DTYPE_I64:
      return from_integers(proto, tensor, proto.int64_data());
    case RDU_DTYPE_U32:
    case RDU_DTYPE_U64:
      return from_integers(proto, tensor, proto.uint64_data());
    case RDU_DTYPE_I4:
    case RDU_DTYPE_U4:
      return from_nibbles(proto, tensor, size);
    default:
      return from_integers(proto, tensor, proto.int32_data());
  }
}

constexpr std::array<rdu_dtype, 17> kDtypes = {
    RDU_DTYPE_NONE, RDU_DTYPE_F32, RDU_DTYPE_U8,   RDU_DTYPE_I8,   RDU_DTYPE_U16, RDU_DTYPE_I16,
    RDU_DTYPE_I32,  RDU_DTYPE_I64, RDU_DTYPE_NONE, RDU_DTYPE_BOOL, RDU_DTYPE_F16, RDU_DTYPE_F64,
    RDU_DTYPE_U32,  RDU_DTYPE_U64, RDU_DTYPE_NONE, RDU_DTYPE_NONE, RDU_DTYPE_BF16};

}  // namespace

rdu_dtype to_dtype(std::int32_t onnx_type) {
  if (onnx_type == kUint4) return RDU_DTYPE_U4;
  if (onnx_type == kInt4) return RDU_DTYPE_I4;
  const bool listed = onnx_type >= 0 && onnx_type < static_cast<std::int32_t>(kDtypes.size());
  return listed ? kDtypes[static_cast<std::size_t>(onnx_type)] : RDU_DTYPE_NONE;
}

std::string onnx_type_name(std::int32_t onnx_type) {
  switch (onnx_type) {
    case TensorProto::STRING:
      return "string";
    case TensorProto::COMPLEX64:
      return "complex64";
    case TensorProto::COMPLEX128:
      return "complex128";
    default:
      return "element type " + std::to_string(onnx_type);
  }
}

ir::Tensor to_tensor(const TensorProto& proto, const std::shared_ptr<const void>& owner,
                     const std::string& folder) {
  ir::Tensor tensor;
  tensor.dtype = to_dtype(proto.data_type());
  if (tensor.dtype == RDU_DTYPE_NONE) {
    throw CompileError(CompileErrorKind::kUnsupported,
                       "tensor '" + proto.name() + "' is of " + onnx_type_name(proto.data_type()));
  }
  tensor.dims.assign(proto.dims().begin(), proto.dims().end());
  for (const std::int64_t dim : tensor.dims) {
    if (dim < 0) invalid(proto, "it has a dimension of " + std::to_string(dim));
  }
  const std::size_t size = ir::storage_bytes(tensor.dtype, ir::num_elements(tensor.dims));
  if (proto.data_location() == TensorProto::EXTERNAL) {
    return from_external(proto, std::move(tensor), size, folder);
  }
  if (!proto.has_raw_data()) return from_typed_field(proto, tensor, size);
  const std::string& raw = proto.raw_data();
  if (raw.size() != size) {
    invalid(proto,
            std::to_string(raw.size()) + " bytes where its shape asks for " + std::to_string(size));
  }
  tensor.data = {std::as_bytes(std::span(raw.data(), raw.size())), owner};
  return tensor;
}

}  // namespace rducc::import_onnx
