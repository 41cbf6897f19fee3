// The second operand of a product as the panel kernels read it: [panel][step][column], whole panels of 16 or 32 columns,
// the last one cut to whole blocks of 16. Columns that are missing are zeros.
#pragma once

#include <algorithm>
#include <cstdint>

#include "plugins/cpu/access/integer.hpp"
#include "plugins/cpu/simd/kernels.hpp"

namespace rdu::cpu {

inline constexpr std::int64_t kColumnBlock = 16;

inline std::int64_t whole_blocks(std::int64_t columns) {
  return static_cast<std::int64_t>(align_up(static_cast<std::uint64_t>(columns), kColumnBlock));
}

class Panels {
 public:
  Panels() = default;
  Panels(const Kernels& kernels, std::int64_t columns, std::int64_t steps)
      : panel_(kernels.panels.blocks * kColumnBlock), columns_(columns), steps_(steps) {}

  std::int64_t count() const { return (columns_ + panel_ - 1) / panel_; }
  std::int64_t first(std::int64_t panel) const { return panel * panel_; }
  std::int64_t columns(std::int64_t panel) const {
    return std::min(panel_, columns_ - first(panel));
  }
  // Floats from one step to the next.
  std::int64_t width(std::int64_t panel) const { return whole_blocks(columns(panel)); }
  std::int64_t offset(std::int64_t panel) const { return panel * panel_ * steps_; }
  std::int64_t floats() const { return whole_blocks(columns_) * steps_; }
  std::int64_t largest() const { return std::min(panel_, whole_blocks(columns_)) * steps_; }

 private:
  std::int64_t panel_ = kColumnBlock, columns_ = 0, steps_ = 0;
};

// to[step * width + column] = from[step * step_stride + column * column_stride]; zeros up to `width`.
void pack_panel(const Kernels& kernels, float* to, std::int64_t width, const float* from,
                std::int64_t step_stride, std::int64_t column_stride, std::int64_t steps,
                std::int64_t columns);

// tile.rows meets `steps` neighbouring steps of tile.panel, so many at a time that they stay in the first-level caches
// for all rows.
void multiply_steps(const PanelKernels& kernels, PanelTile tile, std::int64_t steps);

}  // namespace rdu::cpu
