// One tensor dimension's position as an expression of the loops, and its algebra: the simplifications that turn the
// division and remainder of a folded reshape back into plain strides.
#pragma once

#include <rdu/graph.h>

#include <cstdint>
#include <vector>

#include "plugins/cpu/access/access.hpp"

namespace rdu::cpu {

// floor((offset + sum coef * loop + source) / div) mod m, of which `weight` elements are one step.
struct IndexForm {
  std::int64_t offset = 0;
  LoopArray coef{};
  std::int64_t div = 1, mod = 0;
  bool exact = false;
  std::uint32_t outside = RDU_OUTSIDE_NEVER;
  Extent extent;
  std::int64_t weight = 0;
  std::shared_ptr<const Access> source;
  const void* constant = nullptr;  // the source's data, where it is known at load

  bool affine() const { return div == 1 && mod == 0 && source == nullptr; }
};

struct Range {
  std::int64_t low = 0, high = 0;  // both reached
};

// What offset + sum coef * loop may be over the whole domain.
Range affine_range(std::int64_t offset, const LoopArray& coef, const LoopArray& extents,
                   std::uint32_t num_loops);

// Loops with a coefficient, as bits.
std::uint32_t loops_of(const LoopArray& coef);

// Drops what cannot matter: terms of loops that do not move, div and mod that the ranges make idle, outside rules that
// never apply.
void simplify(IndexForm& index, const LoopArray& extents, std::uint32_t num_loops);

// Joins pairs such as (e / B) * B + e mod B = e.
void recombine(std::vector<IndexForm>& indices, const LoopArray& extents, std::uint32_t num_loops);

}  // namespace rdu::cpu
