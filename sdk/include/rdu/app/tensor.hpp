// Tensors over memory of the caller, and tensors of the runtime.
#pragma once

#include <cstdint>
#include <rdu/app/error.hpp>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace rdu {

// The element type of a C++ type.
template <class T>
inline constexpr rdu_dtype dtype_of = RDU_DTYPE_NONE;
template <>
inline constexpr rdu_dtype dtype_of<float> = RDU_DTYPE_F32;
template <>
inline constexpr rdu_dtype dtype_of<double> = RDU_DTYPE_F64;
template <>
inline constexpr rdu_dtype dtype_of<std::int8_t> = RDU_DTYPE_I8;
template <>
inline constexpr rdu_dtype dtype_of<std::int16_t> = RDU_DTYPE_I16;
template <>
inline constexpr rdu_dtype dtype_of<std::int32_t> = RDU_DTYPE_I32;
template <>
inline constexpr rdu_dtype dtype_of<std::int64_t> = RDU_DTYPE_I64;
template <>
inline constexpr rdu_dtype dtype_of<std::uint8_t> = RDU_DTYPE_U8;
template <>
inline constexpr rdu_dtype dtype_of<std::uint16_t> = RDU_DTYPE_U16;
template <>
inline constexpr rdu_dtype dtype_of<std::uint32_t> = RDU_DTYPE_U32;
template <>
inline constexpr rdu_dtype dtype_of<std::uint64_t> = RDU_DTYPE_U64;
template <>
inline constexpr rdu_dtype dtype_of<bool> = RDU_DTYPE_BOOL;

using Shape = std::vector<std::int64_t>;

// A tensor over the caller's memory, which must stay while a run uses it. `name` empty: by position.
class TensorRef {
 public:
  TensorRef(void* data, std::uint64_t size_bytes, rdu_dtype dtype, const Shape& shape,
            std::string name = {})
      : name_(std::move(name)), tensor_(detail::sized<rdu_tensor>()) {
    tensor_.data = data;
    tensor_.size_bytes = size_bytes;
    tensor_.dtype = dtype;
    tensor_.rank = static_cast<std::uint32_t>(shape.size());
    for (std::size_t d = 0; d < shape.size() && d < RDU_MAX_RANK; ++d) tensor_.shape[d] = shape[d];
  }

  rdu_tensor raw() const {
    rdu_tensor tensor = tensor_;
    tensor.name = name_.empty() ? nullptr : name_.c_str();
    return tensor;
  }

 private:
  std::string name_;
  rdu_tensor tensor_;
};

// Inputs are never written to.
template <class Range>
TensorRef input(const Range& data, const Shape& shape, std::string name = {}) {
  const std::span elements(data);
  using Element = std::remove_cv_t<typename decltype(elements)::element_type>;
  static_assert(dtype_of<Element> != RDU_DTYPE_NONE, "no tensor has elements of this type");
  return TensorRef(const_cast<Element*>(elements.data()), elements.size_bytes(), dtype_of<Element>,
                   shape, std::move(name));
}

template <class Range>
TensorRef output(Range& data, const Shape& shape, std::string name = {}) {
  const std::span elements(data);
  using Element = typename decltype(elements)::element_type;
  static_assert(dtype_of<Element> != RDU_DTYPE_NONE, "no tensor has elements of this type");
  return TensorRef(elements.data(), elements.size_bytes(), dtype_of<Element>, shape,
                   std::move(name));
}

// A tensor that the runtime allocated.
class Tensor {
 public:
  Tensor() : tensor_(detail::sized<rdu_tensor>()) {}
  explicit Tensor(const rdu_tensor& adopted) : tensor_(adopted) {}
  Tensor(Tensor&& other) noexcept
      : tensor_(std::exchange(other.tensor_, detail::sized<rdu_tensor>())) {}
  Tensor& operator=(Tensor&& other) noexcept {
    std::swap(tensor_, other.tensor_);
    return *this;
  }
  ~Tensor() { rdu_tensor_release(&tensor_); }

  rdu_dtype dtype() const { return tensor_.dtype; }
  std::span<const std::int64_t> shape() const { return {tensor_.shape, tensor_.rank}; }
  std::uint64_t size_bytes() const {
    return rdu_tensor_bytes(tensor_.dtype, tensor_.rank, tensor_.shape);
  }
  const void* raw_data() const { return tensor_.data; }

  // Row-major. Empty where the elements are not T.
  template <class T>
  std::span<const T> data() const {
    if (dtype_of<T> != tensor_.dtype) return {};
    return {static_cast<const T*>(tensor_.data), size_bytes() / sizeof(T)};
  }

  // For rdu_tensor_to_dlpack, which takes the memory over.
  rdu_tensor* get() { return &tensor_; }

 private:
  rdu_tensor tensor_;
};

// All outputs of a run, in the order of the signature.
using Outputs = std::vector<Tensor>;

}  // namespace rdu
