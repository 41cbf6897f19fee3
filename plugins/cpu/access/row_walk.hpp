// Walks an access that is not affine over a box, row by row: a row is the box's last loop at one position of the others.
#pragma once

#include "plugins/cpu/access/nest.hpp"
#include "plugins/cpu/simd/kernels.hpp"

namespace rdu::cpu {

// What the moves of one task need. Its memory is the task's own.
struct MoveContext {
  const Kernels& kernels;
  const Run& run;
  std::byte* raw = nullptr;         // one register of elements as they are in memory
  std::int64_t* offsets = nullptr;  // one row each
  std::int64_t* positions = nullptr;
  std::int64_t* indices = nullptr;
};

// Elements [low, high) of the row are inside, at base + stride * i from the start of the storage; or, where `offsets`
// is set, element i is at offsets[i], or outside (-1).
struct Row {
  std::int64_t base = 0;
  std::int64_t stride = 0;
  std::int64_t low = 0, high = 0, count = 0;
  const std::int64_t* offsets = nullptr;
  std::int64_t dense = 0;  // where the row starts in the register
};

class RowWalk {
 public:
  RowWalk(const MoveContext& context, const Access& access, const Box& box);
  // The next row, in register order; false after the last.
  bool next(Row& row);

 private:
  void advance();
  void clip(Row& row) const;
  bool place_tables(Row& row) const;
  bool place_computed(Row& row) const;
  void find_offsets(Row& row) const;
  void add_positions(const Computed& computed, Row& row) const;
  bool add_bare_positions(const Computed& computed, std::int64_t first, std::int64_t extent,
                          const std::int64_t* indices, Row& row) const;
  void load_plain_indices(const Access& source, std::int64_t count) const;
  void load_indices(const Access& source, std::int64_t count) const;
  bool settle(const Computed& computed, std::int64_t extent, std::int64_t& p) const;

  const MoveContext& context_;
  const Access& access_;
  const Box& box_;
  std::uint32_t inner_;
  bool irregular_row_;
  LoopArray position_{};   // where the next row starts
  std::int64_t base_ = 0;  // the affine part of its address
  std::array<std::int64_t, RDU_MAX_RANK>
      clipped_{};  // its first position in each clipped dimension
  std::int64_t row_number_ = 0;
  std::int64_t num_rows_ = 1;
};

}  // namespace rdu::cpu
