// Cuts domains into boxes.
#include "plugins/cpu/access/grid.hpp"

#include <algorithm>

namespace rdu::cpu {

Grid::Grid(std::uint32_t num_loops, const LoopArray& extents, const LoopArray& size)
    : num_loops_(num_loops), extents_(extents), size_(size) {
  for (std::uint32_t l = 0; l < num_loops; ++l) {
    // Most loops are whole, and divisions are slow.
    const bool whole = extents[l] <= size[l];
    cuts_[l] = whole ? std::min<std::int64_t>(extents[l], 1) : (extents[l] + size[l] - 1) / size[l];
    num_boxes_ *= cuts_[l];
  }
}

Box Grid::box(std::int64_t number) const {
  Box box;
  box.num_loops = num_loops_;
  if (num_boxes_ == 1) {
    for (std::uint32_t l = 0; l < num_loops_; ++l) box.count[l] = extents_[l];
    return box;
  }
  for (std::uint32_t l = num_loops_; l-- > 0;) {
    const std::int64_t cut = number % cuts_[l];
    number /= cuts_[l];
    box.start[l] = cut * size_[l];
    box.count[l] = std::min(size_[l], extents_[l] - box.start[l]);
  }
  return box;
}

LoopArray fill_from_inside(const Nest& nest, std::uint32_t fixed_loops, std::int64_t capacity) {
  LoopArray size;
  size.fill(1);
  for (std::uint32_t l = nest.num_loops; l-- > 0 && capacity > 1;) {
    if ((fixed_loops >> l & 1) != 0) continue;
    const std::int64_t extent = std::max<std::int64_t>(nest.extents[l].bound, 1);
    size[l] = std::min(extent, capacity);
    capacity = size[l] == extent ? capacity / extent : 1;
  }
  return size;
}

}  // namespace rdu::cpu
