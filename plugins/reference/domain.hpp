// The loops of a node and the walk over their points in row-major order.
#pragma once

#include <rdu/types.h>

#include <cstdint>

namespace rdu::reference {

inline constexpr int kEnd = -1;

// Where a run of a node stands: the actual extents of its loops and the current position in each.
struct Domain {
  std::uint32_t num_loops = 0;
  std::int64_t extents[RDU_MAX_LOOPS] = {};
  std::int64_t position[RDU_MAX_LOOPS] = {};
  std::int64_t strides[RDU_MAX_LOOPS] = {};  // of row-major positions, by the bounds

  bool empty(std::uint32_t first, std::uint32_t end) const {
    for (std::uint32_t l = first; l < end; ++l) {
      if (extents[l] == 0) return true;
    }
    return false;
  }

  // To the next point of loops [first, end). Returns the loop that moved on by one (all after it are back at 0), or
  // kEnd with all of them at 0.
  int advance(std::uint32_t first, std::uint32_t end) {
    for (std::uint32_t l = end; l-- > first;) {
      if (++position[l] < extents[l]) return static_cast<int>(l);
      position[l] = 0;
    }
    return kEnd;
  }

  // The row-major position within loops [first, end).
  std::int64_t row_major(std::uint32_t first, std::uint32_t end) const {
    std::int64_t sum = 0;
    for (std::uint32_t l = first; l < end; ++l) sum += position[l] * strides[l];
    return end == 0 ? 0 : sum / strides[end - 1];
  }
};

}  // namespace rdu::reference
