// Owned tensors: aligned storage, element access as doubles, descriptions for the runtime.
#include "tools/rdu/io/host_tensor.hpp"

#include <algorithm>
#include <cstring>
#include <new>

#include "sdk/base/dtype.hpp"
#include "tools/rdu/error.hpp"

namespace rdu::tool {

namespace {

constexpr std::align_val_t kAlignment{64};

template <typename T>
void widen(const std::byte* data, std::span<double> out) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    T element;
    std::memcpy(&element, data + i * sizeof(T), sizeof(T));
    out[i] = static_cast<double>(element);
  }
}

template <float (*Decode)(std::uint16_t)>
void widen_half(const std::byte* data, std::span<double> out) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    std::uint16_t bits;
    std::memcpy(&bits, data + i * sizeof(bits), sizeof(bits));
    out[i] = Decode(bits);
  }
}

void widen_nibbles(const std::byte* data, bool is_signed, std::span<double> out) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    const int nibble = (std::to_integer<int>(data[i / 2]) >> (i % 2 * 4)) & 15;
    out[i] = is_signed && nibble > 7 ? nibble - 16 : nibble;
  }
}

}  // namespace

AlignedBytes::AlignedBytes(std::size_t size)
    : bytes_(static_cast<std::byte*>(::operator new[](size == 0 ? 1 : size, kAlignment))),
      size_(size) {}

void AlignedBytes::Free::operator()(std::byte* bytes) const {
  ::operator delete[](bytes, kAlignment);
}

std::int64_t HostTensor::num_elements() const {
  std::int64_t count = 1;
  for (const std::int64_t extent : shape) count *= extent;
  return count;
}

std::vector<double> HostTensor::to_f64() const {
  std::vector<double> out(static_cast<std::size_t>(num_elements()));
  switch (dtype) {
    case RDU_DTYPE_F32:
      widen<float>(bytes.data(), out);
      break;
    case RDU_DTYPE_F64:
      widen<double>(bytes.data(), out);
      break;
    case RDU_DTYPE_F16:
      widen_half<base::f16_to_f32>(bytes.data(), out);
      break;
    case RDU_DTYPE_BF16:
      widen_half<base::bf16_to_f32>(bytes.data(), out);
      break;
    case RDU_DTYPE_I8:
      widen<std::int8_t>(bytes.data(), out);
      break;
    case RDU_DTYPE_I16:
      widen<std::int16_t>(bytes.data(), out);
      break;
    case RDU_DTYPE_I32:
      widen<std::int32_t>(bytes.data(), out);
      break;
    case RDU_DTYPE_I64:
      widen<std::int64_t>(bytes.data(), out);
      break;
    case RDU_DTYPE_U8:
    case RDU_DTYPE_BOOL:
      widen<std::uint8_t>(bytes.data(), out);
      break;
    case RDU_DTYPE_U16:
      widen<std::uint16_t>(bytes.data(), out);
      break;
    case RDU_DTYPE_U32:
      widen<std::uint32_t>(bytes.data(), out);
      break;
    case RDU_DTYPE_U64:
      widen<std::uint64_t>(bytes.data(), out);
      break;
    case RDU_DTYPE_I4:
      widen_nibbles(bytes.data(), true, out);
      break;
    case RDU_DTYPE_U4:
      widen_nibbles(bytes.data(), false, out);
      break;
    default:
      throw ToolError("a tensor has the unknown dtype " + std::to_string(dtype));
  }
  return out;
}

HostTensor make_host_tensor(rdu_dtype dtype, std::vector<std::int64_t> shape) {
  const std::uint64_t size =
      rdu_tensor_bytes(dtype, static_cast<std::uint32_t>(shape.size()), shape.data());
  if (size == UINT64_MAX) {
    throw ToolError("a tensor " + type_text(dtype, shape) + " is not possible");
  }
  HostTensor tensor;
  tensor.dtype = dtype;
  tensor.shape = std::move(shape);
  tensor.bytes = AlignedBytes(size);
  return tensor;
}

HostTensor clone(const HostTensor& tensor) {
  HostTensor copy = make_host_tensor(tensor.dtype, tensor.shape);
  copy.name = tensor.name;
  std::copy_n(tensor.bytes.data(), tensor.bytes.size(), copy.bytes.data());
  return copy;
}

rdu_tensor describe(HostTensor& tensor) {
  rdu_tensor out = {};
  out.header = RDU_HEADER(rdu_tensor);
  out.name = tensor.name.empty() ? nullptr : tensor.name.c_str();
  out.data = tensor.bytes.data();
  out.size_bytes = tensor.bytes.size();
  out.dtype = tensor.dtype;
  out.rank = static_cast<std::uint32_t>(tensor.shape.size());
  std::copy(tensor.shape.begin(), tensor.shape.end(), out.shape);
  return out;
}

std::string type_text(rdu_dtype dtype, std::span<const std::int64_t> shape) {
  std::string text = rdu_dtype_name(dtype);
  text += '[';
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (i > 0) text += ", ";
    text += std::to_string(shape[i]);
  }
  return text + ']';
}

}  // namespace rdu::tool
