// Tensors known at compile time: made from elements, read back as elements.
#include "tools/rducc/ir/tensor.hpp"

#include "tools/rducc/ir/constant_budget.hpp"
#include "tools/rducc/ir/element.hpp"
#include "tools/rducc/ir/error.hpp"

namespace rducc::ir {
namespace {

using rdu::artifact::Scalar;

struct OwnedBytes {
  std::vector<std::byte> bytes;
  std::shared_ptr<const void> charge;
};

template <typename Convert>
Tensor make(rdu_dtype dtype, Dims dims, std::size_t count, Convert element) {
  std::vector<std::byte> bytes(storage_bytes(dtype, static_cast<std::int64_t>(count)));
  for (std::size_t i = 0; i < count; ++i) store_element(bytes, dtype, i, element(i));
  return make_tensor(dtype, std::move(dims), std::move(bytes));
}

}  // namespace

std::vector<std::int64_t> Tensor::to_i64() const {
  std::vector<std::int64_t> elements(static_cast<std::size_t>(num_elements(dims)));
  for (std::size_t i = 0; i < elements.size(); ++i) {
    const Scalar element = load_element(data.bytes, dtype, i);
    elements[i] = is_float(dtype) ? saturate_to(RDU_DTYPE_I64, element.f) : element.i;
  }
  return elements;
}

std::vector<double> Tensor::to_f64() const {
  std::vector<double> elements(static_cast<std::size_t>(num_elements(dims)));
  for (std::size_t i = 0; i < elements.size(); ++i) {
    const Scalar element = load_element(data.bytes, dtype, i);
    elements[i] = is_float(dtype) ? element.f : as_double(dtype, element.i);
  }
  return elements;
}

std::int64_t num_elements(std::span<const std::int64_t> dims) {
  std::int64_t count = 1;
  for (const std::int64_t dim : dims) {
    if (__builtin_mul_overflow(count, dim, &count) || count > (std::int64_t{1} << 48)) {
      throw CompileError(CompileErrorKind::kInvalid, "a tensor has more than 2^48 elements");
    }
  }
  return count;
}

Tensor make_tensor(rdu_dtype dtype, Dims dims, std::span<const std::int64_t> elements) {
  return make(dtype, std::move(dims), elements.size(), [&](std::size_t i) {
    return Scalar{static_cast<double>(elements[i]), elements[i]};
  });
}

Tensor make_tensor(rdu_dtype dtype, Dims dims, std::span<const double> elements) {
  return make(dtype, std::move(dims), elements.size(), [&](std::size_t i) {
    return is_float(dtype) ? Scalar{elements[i], 0} : Scalar{0, saturate_to(dtype, elements[i])};
  });
}

Tensor make_tensor(rdu_dtype dtype, Dims dims, std::vector<std::byte> bytes) {
  auto charge = ConstantBudget::charge(bytes.size());
  const auto owner =
      std::make_shared<const OwnedBytes>(OwnedBytes{std::move(bytes), std::move(charge)});
  return {dtype, std::move(dims), {{owner->bytes.data(), owner->bytes.size()}, owner}};
}

}  // namespace rducc::ir
