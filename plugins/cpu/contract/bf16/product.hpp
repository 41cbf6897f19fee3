// The second operand of a product packed for the arithmetic that pays here, and the products of rows by it.
#pragma once

#include <vector>

#include "plugins/cpu/access/integer.hpp"
#include "plugins/cpu/simd/kernels.hpp"

namespace rdu::cpu {

// Which steps of the rows meet which steps of a panel: runs of them, in elements.
class NarrowChunks {
 public:
  void add(std::int64_t rows, std::int64_t panel, std::int64_t steps);

 private:
  friend class NarrowProduct;
  std::vector<NarrowChunk> pairs_;
  std::vector<PanelChunk> wide_, narrow_;  // of floats: panels of two blocks and of one
};

// Elements of rows and panels are 16-bit floats where the machine multiplies them faster, else floats.
class NarrowProduct {
 public:
  static constexpr std::int64_t kMostColumns = 32;  // of a panel

  NarrowProduct() = default;
  // `narrow`: both operands have the precision of BF16. `steps`: of a panel, whole units.
  NarrowProduct(const Kernels& kernels, bool narrow, std::int64_t columns);

  rdu_dtype dtype() const { return pairs_ == nullptr ? RDU_DTYPE_F32 : RDU_DTYPE_BF16; }
  // Are stored elements those that are multiplied? Floats that stand for BF16 are rounded first.
  bool takes(rdu_dtype stored) const {
    return stored == dtype() && !(rounds_ && stored == RDU_DTYPE_F32);
  }
  std::int64_t element_bytes() const { return pairs_ == nullptr ? 4 : 2; }
  // Steps of a chunk are a multiple of it.
  std::int64_t unit() const { return pairs_ == nullptr ? 1 : pairs_->unit; }
  std::int64_t whole_units(std::int64_t steps) const { return ceil_div(steps, unit()) * unit(); }
  std::int64_t tile_rows() const {
    return pairs_ == nullptr ? kernels_->panels.rows : pairs_->rows;
  }
  // Rows of sums that are made at a time.
  std::int64_t sum_rows() const { return tile_rows() * (tile_rows() < 32 ? 4 : 2); }

  std::int64_t panels() const { return ceil_div(columns_, panel_); }
  std::int64_t first(std::int64_t panel) const { return panel * panel_; }
  std::int64_t columns(std::int64_t panel) const {
    return std::min(panel_, columns_ - first(panel));
  }
  std::int64_t width(std::int64_t panel) const { return ceil_div(columns(panel), 16) * 16; }
  // Bytes to a panel of so many steps, from the first.
  std::int64_t offset(std::int64_t panel, std::int64_t steps) const {
    return first(panel) * steps * element_bytes();
  }

  // A panel of columns that lie [column][steps], `column_step` elements apart.
  void pack(std::byte* to, std::int64_t panel, const std::byte* from, std::int64_t column_step,
            std::int64_t steps) const;
  // A panel of steps that lie [step][column], `step_stride` elements apart; `steps` of them, padded with zeros to whole
  // units.
  void pack_steps(std::byte* to, std::int64_t panel, const std::byte* from, rdu_dtype dtype,
                  std::int64_t step_stride, std::int64_t steps) const;

  // sums[row][width(panel)].
  void multiply(const std::byte* rows, std::int64_t row_step, const std::byte* panel_memory,
                std::int64_t panel, const NarrowChunks& chunks, std::int64_t num_rows,
                float* sums) const;

  // to[i] = from[i] as elements, then zeros up to `padded`.
  void convert(std::byte* to, const std::byte* from, rdu_dtype dtype, std::int64_t count,
               std::int64_t padded) const;

 private:
  const Kernels* kernels_ = nullptr;
  bool rounds_ = false;
  const NarrowKernels* pairs_ = nullptr;
  std::int64_t columns_ = 1, panel_ = kMostColumns;
};

}  // namespace rdu::cpu
