// Picks, for a strided copy, the loop that moves most bytes per step: whole rows, a transposed tile, or single elements.
#include "plugins/cpu/access/strided_copy.hpp"

#include <algorithm>
#include <cstring>

namespace rdu::cpu {
namespace {

// Leaves out loops of one step, and merges loops that both sides walk as one.
void collapse(const StridedCopy& copy, StridedCopy& out) {
  for (std::uint32_t l = 0; l < copy.num_loops; ++l) {
    if (copy.count[l] == 1) continue;
    const std::uint32_t last = out.num_loops - 1;
    if (out.num_loops > 0 && out.dst_stride[last] == copy.dst_stride[l] * copy.count[l] &&
        out.src_stride[last] == copy.src_stride[l] * copy.count[l]) {
      out.count[last] *= copy.count[l];
      out.dst_stride[last] = copy.dst_stride[l];
      out.src_stride[last] = copy.src_stride[l];
      continue;
    }
    const std::uint32_t n = out.num_loops++;
    out.count[n] = copy.count[l];
    out.dst_stride[n] = copy.dst_stride[l];
    out.src_stride[n] = copy.src_stride[l];
  }
}

// A copy that is a single row.
struct Row {
  std::int64_t count = 1, dst_stride = 1, src_stride = 1;
};

// False where it is not; a row of nothing is one.
bool as_row(const StridedCopy& copy, Row& row) {
  for (std::uint32_t l = 0; l < copy.num_loops; ++l) {
    const std::int64_t count = copy.count[l];
    if (count == 1) continue;
    const bool follows = row.dst_stride == copy.dst_stride[l] * count &&
                         row.src_stride == copy.src_stride[l] * count;
    if (row.count != 1 && count > 0 && !follows) return false;
    row = {row.count * std::max<std::int64_t>(count, 0), copy.dst_stride[l], copy.src_stride[l]};
  }
  return true;
}

void move_last(StridedCopy& copy, std::uint32_t loop) {
  for (LoopArray* array : {&copy.count, &copy.dst_stride, &copy.src_stride}) {
    const std::int64_t value = (*array)[loop];
    for (std::uint32_t l = loop; l + 1 < copy.num_loops; ++l) (*array)[l] = (*array)[l + 1];
    (*array)[copy.num_loops - 1] = value;
  }
}

// The loop along which the destination is dense becomes the last.
void put_dense_last(StridedCopy& copy) {
  for (std::uint32_t l = 0; l < copy.num_loops; ++l) {
    if (copy.dst_stride[l] == 1) return move_last(copy, l);
  }
}

void move_row(const MoveKernels& move, std::uint32_t log2_bytes, std::byte* dst,
              std::int64_t dst_stride, const std::byte* src, std::int64_t src_stride,
              std::int64_t n) {
  const auto count = static_cast<std::size_t>(n);
  if (dst_stride == 1) {
    if (src_stride == 1) {
      std::memcpy(dst, src, count << log2_bytes);
    } else if (src_stride == 0) {
      move.fill(dst, src, count);
    } else {
      move.gather(dst, src, src_stride, count);
    }
  } else if (src_stride == 1) {
    move.scatter(dst, dst_stride, src, count);
  } else {
    const std::size_t bytes = std::size_t{1} << log2_bytes;
    for (std::int64_t i = 0; i < n; ++i) {
      std::memcpy(dst + i * dst_stride * static_cast<std::int64_t>(bytes),
                  src + i * src_stride * static_cast<std::int64_t>(bytes), bytes);
    }
  }
}

}  // namespace

PreparedCopy prepare_copy(const StridedCopy& request) {
  PreparedCopy prepared;
  for (std::uint32_t l = 0; l < request.num_loops; ++l) {
    prepared.empty = prepared.empty || request.count[l] <= 0;
  }
  if (prepared.empty) return prepared;
  StridedCopy& copy = prepared.copy;
  collapse(request, copy);
  if (copy.num_loops == 0) return prepared;
  put_dense_last(copy);
  const std::uint32_t inner = copy.num_loops - 1;
  if (copy.dst_stride[inner] != 1 || copy.src_stride[inner] <= 1) return prepared;
  std::uint32_t dense = kMaxLoops;
  for (std::uint32_t l = 0; l < inner; ++l) {
    if (copy.src_stride[l] == 1 && copy.count[l] >= 4) dense = l;
  }
  if (dense == kMaxLoops) return prepared;
  move_last(copy, dense);
  prepared.transposed = inner;
  return prepared;
}

void run_copy(const Kernels& kernels, std::uint32_t log2_bytes, const PreparedCopy& prepared,
              void* dst_data, const void* src_data) {
  if (prepared.empty) return;
  auto* dst = static_cast<std::byte*>(dst_data);
  const auto* src = static_cast<const std::byte*>(src_data);
  const MoveKernels& move = kernels.move[log2_bytes];
  const StridedCopy& copy = prepared.copy;
  const std::uint32_t transposed = prepared.transposed;
  if (copy.num_loops == 0) {
    std::memcpy(dst, src, std::size_t{1} << log2_bytes);
    return;
  }
  const std::uint32_t last = copy.num_loops - 1;
  const std::int64_t along = copy.src_stride[last];
  const bool rows = last != 0 && copy.dst_stride[last] == 1 && (along == 1 || along == 0);
  const std::uint32_t inner = transposed == kMaxLoops && !rows ? last : last - 1;
  LoopArray position{};
  for (;;) {
    if (rows) {
      (along == 0 ? move.spread : move.rows)(
          dst, copy.dst_stride[inner], src, copy.src_stride[inner],
          static_cast<std::size_t>(copy.count[inner]), static_cast<std::size_t>(copy.count[last]));
    } else if (transposed != kMaxLoops) {
      move.transpose(dst, copy.dst_stride[transposed], src, copy.src_stride[inner],
                     static_cast<std::size_t>(copy.count[transposed]),
                     static_cast<std::size_t>(copy.count[inner]));
    } else {
      move_row(move, log2_bytes, dst, copy.dst_stride[inner], src, copy.src_stride[inner],
               copy.count[inner]);
    }
    std::uint32_t l = inner;
    for (; l-- > 0;) {
      dst += copy.dst_stride[l] * (std::int64_t{1} << log2_bytes);
      src += copy.src_stride[l] * (std::int64_t{1} << log2_bytes);
      if (++position[l] < copy.count[l]) break;
      dst -= copy.count[l] * copy.dst_stride[l] * (std::int64_t{1} << log2_bytes);
      src -= copy.count[l] * copy.src_stride[l] * (std::int64_t{1} << log2_bytes);
      position[l] = 0;
    }
    if (l == static_cast<std::uint32_t>(-1)) return;
  }
}

void strided_copy(const Kernels& kernels, std::uint32_t log2_bytes, const StridedCopy& copy,
                  void* dst, const void* src) {
  // Most copies are one, and small: preparing them would take longer.
  if (Row row; as_row(copy, row)) {
    if (row.count > 0) {
      move_row(kernels.move[log2_bytes], log2_bytes, static_cast<std::byte*>(dst), row.dst_stride,
               static_cast<const std::byte*>(src), row.src_stride, row.count);
    }
    return;
  }
  run_copy(kernels, log2_bytes, prepare_copy(copy), dst, src);
}

}  // namespace rdu::cpu
