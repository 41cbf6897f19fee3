// Between the caller's tensors and the dense, aligned storage of a run.
#pragma once

#include <rdu/tensor.h>

#include <span>

#include "sdk/src/runtime/status.hpp"

namespace rdu::runtime {

// Where the host reaches the tensor's bytes; NULL in a buffer that only its device reaches.
Status host_pointer(const rdu_tensor& tensor, std::uint64_t bytes, std::byte*& out);

// Writes the tensor's elements row-major to `out`; the tensor is checked.
Status gather_input(const rdu_tensor& tensor, std::uint64_t bytes, std::byte* out);

// Writes dense bytes to the tensor's memory or buffer.
Status scatter_output(const std::byte* data, std::uint64_t bytes, const rdu_tensor& tensor);

// Storage laid out for `bound` becomes row-major for the smaller `actual`, in place.
void pack_rows(rdu_dtype dtype, std::span<const std::int64_t> bound,
               std::span<const std::int64_t> actual, std::byte* data);

}  // namespace rdu::runtime
