// The sums of a convolution on blocks of 16 channels (or from a few planes), tile by tile on the panel kernels.
#pragma once

#include <optional>

#include "plugins/cpu/contract/packed_memory.hpp"
#include "plugins/cpu/contract/panel/interleaved_lines.hpp"
#include "plugins/cpu/contract/panel/panels.hpp"
#include "plugins/cpu/contract/panel/window_plan.hpp"
#include "plugins/cpu/contract/panel/winograd.hpp"
#include "plugins/cpu/contract/share.hpp"

namespace rdu::cpu {

class PanelConvolution {
 public:
  // `shape` has three dimensions and one group; tiles have at most `largest_tile` rows, and borders at multiples of
  // `tile_unit`.
  PanelConvolution(const Kernels& kernels, const ConvolutionShape& shape,
                   const WeightStrides& strides, const float* weights, std::int64_t largest_tile,
                   std::int64_t tile_unit, PackedMemory& packed);

  const WindowPlan& plan() const { return plan_; }
  const Panels& panels() const { return panels_; }
  std::int64_t num_tiles() const {
    return plan_.lines() * static_cast<std::int64_t>(plan_.tiles().size());
  }
  // Lines whose tiles stay together.
  std::int64_t line_unit() const { return winograd_ ? Winograd::kSide : 1; }
  // Points that a panel should be read for.
  std::int64_t fewest_points() const { return winograd_ ? 384 : 56; }
  // More than one task prepares a piece only where there are few pieces.
  std::int64_t most_tasks(std::int64_t pieces) const {
    return winograd_ ? std::max<std::int64_t>(pieces, 4) : kMostTasks;
  }
  // Floats of memory that a task needs for so many tiles. They begin and end with lines where it needs any.
  std::int64_t memory(std::int64_t tiles) const;
  std::int64_t resident() const { return winograd_ ? winograd_->resident() : panels_.floats(); }

  // Tiles [first, end), counted line by line: once for all panels, then of one panel.
  void prepare(std::int64_t first, std::int64_t end, const WindowWork& work) const;
  void run(std::int64_t panel, std::int64_t first, std::int64_t end, const WindowWork& work) const;

 private:
  // Blocks of input channels that one walk over the tiles adds: like ones, or the last where one is not whole.
  struct Stretch {
    std::int64_t first, repeats;
    bool tail;
  };

  void pack(const Kernels& kernels, const WeightStrides& strides, const float* weights,
            PackedMemory& packed);
  std::int64_t line_of(std::int64_t tile) const {
    return tile / static_cast<std::int64_t>(plan_.tiles().size());
  }
  void run_tile(const PanelTile& of_panel, const Stretch& stretch, bool first, bool last,
                std::int64_t line, const WindowTile& window, const WindowWork& work) const;

  const PanelKernels& kernels_;
  const std::optional<InterleavedLines> lines_;  // of the source
  const ConvolutionShape shape_;
  WindowPlan plan_;
  Panels panels_;
  std::vector<Stretch> stretches_;
  std::optional<Winograd> winograd_;  // instead
  const float* packed_ = nullptr;
  std::int64_t unit_ = 1, rows_repeat_ = 0, lines_together_ = 1;
};

}  // namespace rdu::cpu
