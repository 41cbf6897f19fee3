// A tensor whose content is known at compile time.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sdk/artifact/model.hpp"

namespace rducc::ir {

using Dims = std::vector<std::int64_t>;

struct Tensor {
  rdu_dtype dtype = RDU_DTYPE_F32;
  Dims dims;
  rdu::artifact::ConstantData data;  // dense, row-major, little-endian

  // The elements as integers (any integer dtype or BOOL) or as doubles (any dtype).
  std::vector<std::int64_t> to_i64() const;
  std::vector<double> to_f64() const;
};

std::int64_t num_elements(std::span<const std::int64_t> dims);

// Tensors made from elements; each is rounded to the dtype.
Tensor make_tensor(rdu_dtype dtype, Dims dims, std::span<const std::int64_t> elements);
Tensor make_tensor(rdu_dtype dtype, Dims dims, std::span<const double> elements);
Tensor make_tensor(rdu_dtype dtype, Dims dims, std::vector<std::byte> bytes);

}  // namespace rducc::ir
