// The boxes that a domain is cut into.
#pragma once

#include "plugins/cpu/access/nest.hpp"

namespace rdu::cpu {

// Box b of a domain cut every `size` points along each loop, the last loop fastest. Boxes at the border are smaller.
class Grid {
 public:
  Grid(std::uint32_t num_loops, const LoopArray& extents, const LoopArray& size);
  std::int64_t num_boxes() const { return num_boxes_; }
  Box box(std::int64_t number) const;

 private:
  std::uint32_t num_loops_;
  LoopArray extents_;
  LoopArray size_;
  LoopArray cuts_{};
  std::int64_t num_boxes_ = 1;
};

// Sizes for a register of `capacity` elements: whole inner loops as far as they fit, then a part of the next. Loops that
// `fixed_loops` has a bit for get one point and are left alone.
LoopArray fill_from_inside(const Nest& nest, std::uint32_t fixed_loops, std::int64_t capacity);

}  // namespace rdu::cpu
