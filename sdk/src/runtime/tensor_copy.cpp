// Strided reads, copies to and from buffers, and the packing of bounded results.
#include "sdk/src/runtime/tensor_copy.hpp"

#include <algorithm>
#include <cstring>

#include "sdk/base/dtype.hpp"
#include "sdk/src/api/handles.hpp"
#include "sdk/src/runtime/buffer.hpp"
#include "sdk/src/runtime/call.hpp"

namespace rdu::runtime {
namespace {

struct Walk {
  std::uint32_t rank;
  const std::int64_t* shape;
  const std::int64_t* strides;  // in elements
  std::uint64_t element;
};

// Copies row after row; the innermost dimension is one memcpy where it is dense.
std::byte* gather(const Walk& walk, std::uint32_t dim, const std::byte* from, std::byte* to) {
  if (dim == walk.rank) {
    std::memcpy(to, from, walk.element);
    return to + walk.element;
  }
  if (dim + 1 == walk.rank && walk.strides[dim] == 1) {
    const std::size_t row = static_cast<std::uint64_t>(walk.shape[dim]) * walk.element;
    std::memcpy(to, from, row);
    return to + row;
  }
  for (std::int64_t i = 0; i < walk.shape[dim]; ++i) {
    to = gather(walk, dim + 1,
                from + static_cast<std::uint64_t>(i * walk.strides[dim]) * walk.element, to);
  }
  return to;
}

}  // namespace

Status host_pointer(const rdu_tensor& tensor, std::uint64_t bytes, std::byte*& out) {
  out = static_cast<std::byte*>(tensor.data);
  if (!tensor.buffer) return {};
  const Buffer& buffer = *tensor.buffer->buffer;
  RDU_TRY(buffer.check_range(tensor.offset_bytes, bytes));
  out = buffer.host_data() ? buffer.host_data() + tensor.offset_bytes : nullptr;
  return {};
}

Status gather_input(const rdu_tensor& tensor, std::uint64_t bytes, std::byte* out) {
  if (tensor.buffer) {
    if (!is_row_major(tensor)) {
      return fail(RDU_ERR_UNSUPPORTED, "an input in a buffer must be row-major");
    }
    return tensor.buffer->buffer->read(tensor.offset_bytes, out, bytes);
  }
  const auto* data = static_cast<const std::byte*>(tensor.data);
  if (is_row_major(tensor)) {
    std::memcpy(out, data, bytes);
  } else {
    gather({tensor.rank, tensor.shape, tensor.strides, base::dtype_bits(tensor.dtype) / 8}, 0, data,
           out);
  }
  return {};
}

Status scatter_output(const std::byte* data, std::uint64_t bytes, const rdu_tensor& tensor) {
  if (tensor.buffer) return tensor.buffer->buffer->write(tensor.offset_bytes, data, bytes);
  std::memcpy(tensor.data, data, bytes);
  return {};
}

void pack_rows(rdu_dtype dtype, std::span<const std::int64_t> bound,
               std::span<const std::int64_t> actual, std::byte* data) {
  if (std::ranges::equal(bound, actual) || base::is_packed(dtype)) return;
  const std::uint64_t element = base::dtype_bits(dtype) / 8;
  std::size_t inner = bound.size();
  std::uint64_t row = element;  // bytes that stay together
  while (inner > 0 && bound[inner - 1] == actual[inner - 1])
    row *= static_cast<std::uint64_t>(bound[--inner]);
  if (inner == 0) return;
  // Dimension inner-1 is the innermost that shrinks: its leading part is contiguous.
  const std::uint64_t from_stride = row * static_cast<std::uint64_t>(bound[inner - 1]);
  const std::uint64_t to_stride = row * static_cast<std::uint64_t>(actual[inner - 1]);
  std::int64_t at[RDU_MAX_RANK] = {};
  std::byte* to = data;
  for (;;) {
    std::uint64_t block = 0;
    for (std::size_t d = 0; d + 1 < inner; ++d) {
      if (actual[d] == 0) return;
      block = block * static_cast<std::uint64_t>(bound[d]) + static_cast<std::uint64_t>(at[d]);
    }
    std::memmove(to, data + block * from_stride, to_stride);
    to += to_stride;
    std::size_t d = inner - 1;
    while (d > 0 && ++at[d - 1] == actual[d - 1]) at[--d] = 0;
    if (d == 0) return;
  }
}

}  // namespace rdu::runtime
