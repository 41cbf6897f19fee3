// A scatter of whole rows to where a list of numbers says: one loop over the list, no boxes.
#pragma once

#include <optional>

#include "plugins/cpu/access/nest.hpp"
#include "plugins/cpu/body/body.hpp"

namespace rdu::cpu {

struct RowScatter {
  Place index;
  bool wide = false;                             // I64, else I32
  std::int64_t index_first = 0, index_step = 0;  // elements of the list
  std::int64_t offset = 0, coef = 0;             // position: offset + coef * row + index
  std::int64_t extent = 0;
  std::uint32_t outside = RDU_OUTSIDE_NEVER;
  Place target, updates;
  std::int64_t target_first = 0, target_step = 0, position_step = 0;  // elements
  std::int64_t update_first = 0, update_step = 0;
  std::int64_t columns = 1;

  // Calls meet(to, from), numbers of the first elements of two rows, in order. Positions outside are reported, or
  // left out where the rule says so.
  template <class Meet>
  void run(const Run& run, std::int64_t rows, const Meet& meet) const;

 private:
  std::int64_t index_at(const std::byte* list, std::int64_t row) const {
    const std::int64_t at = index_first + index_step * row;
    return wide ? reinterpret_cast<const std::int64_t*>(list)[at]
                : reinterpret_cast<const std::int32_t*>(list)[at];
  }
};

// Nothing where the first loop does not choose the rows, or what is written is not simply read.
std::optional<RowScatter> match_row_scatter(const Nest& nest, const Body& body,
                                            const Access& write);

template <class Meet>
void RowScatter::run(const Run& run, std::int64_t rows, const Meet& meet) const {
  const std::byte* list = run.at(index);
  const bool wraps = outside == RDU_OUTSIDE_WRAP;
  for (std::int64_t row = 0; row < rows; ++row) {
    // An index may be any number: sums are made of those that are inside.
    const std::int64_t low = -extent, read = index_at(list, row), own = offset + coef * row;
    std::int64_t p = read < low - own || read >= extent - own ? low - 1 : read + own;
    if (wraps && p >= low && p < 0) p += extent;
    if (p >= 0 && p < extent) {
      meet(target_first + target_step * row + p * position_step, update_first + update_step * row);
    } else if (outside != RDU_OUTSIDE_SKIP) {
      run.fault->report(read, extent);
    }
  }
}

}  // namespace rdu::cpu
