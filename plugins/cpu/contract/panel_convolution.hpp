// The sums of a convolution on blocks of 16 channels (or from a few planes), tile by tile on the panel kernels.
#pragma once

#include "plugins/cpu/contract/packed_memory.hpp"
#include "plugins/cpu/contract/panels.hpp"
#include "plugins/cpu/contract/window_plan.hpp"

namespace rdu::cpu {

// What one call works on, of one image. Points of the result count from `first_point`; columns from the panel's first.
struct WindowWork {
  const float* source;
  float* sums;
  std::int64_t sums_block;  // floats between blocks of channels
  std::int64_t first_point;
  const float* bias;   // null: none; whole blocks
  const float* start;  // null: none; lies as the sums do
};

class PanelConvolution {
 public:
  // `shape` has three dimensions and one group.
  PanelConvolution(const Kernels& kernels, const ConvolutionShape& shape,
                   const WeightStrides& strides, const float* weights, WindowPlan plan,
                   PackedMemory& packed);

  const WindowPlan& plan() const { return plan_; }
  const Panels& panels() const { return panels_; }
  std::int64_t num_tiles() const {
    return plan_.lines() * static_cast<std::int64_t>(plan_.tiles().size());
  }
  // Tiles [first, end), counted line by line, of one panel.
  void run(std::int64_t panel, std::int64_t first, std::int64_t end, const WindowWork& work) const;

 private:
  // Blocks of input channels that one walk over the tiles adds.
  struct Stretch {
    std::int64_t first, repeats;
    bool tail;
  };

  void run_tile(const PanelTile& of_panel, const Stretch& stretch, bool first, bool last,
                std::int64_t line, const WindowTile& window, const WindowWork& work) const;

  const PanelKernels& kernels_;
  ConvolutionShape shape_;
  WindowPlan plan_;
  Panels panels_;
  std::vector<Stretch> stretches_;
  const float* packed_ = nullptr;
  std::int64_t unit_ = 1, rows_repeat_ = 0;
};

}  // namespace rdu::cpu
