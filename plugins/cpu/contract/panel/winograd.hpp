// Convolutions of 3 x 3 windows by Winograd's method: squares of 4 x 4 outputs as 36 products of transformed inputs and
// weights. A quarter of the multiplications; sums differ from the direct ones by a few units of the sixth digit.
#pragma once

#include "plugins/cpu/contract/dnnl/call.hpp"
#include "plugins/cpu/contract/packed_memory.hpp"
#include "plugins/cpu/contract/panel/panels.hpp"
#include "plugins/cpu/contract/panel/window_work.hpp"

namespace rdu::cpu {

class Winograd {
 public:
  static constexpr std::int64_t kSide = 4;  // of a square of outputs

  // Is it worth the transforms? `shape` has three dimensions and one group.
  static bool suits(const ConvolutionShape& shape);

  Winograd(const Kernels& kernels, const ConvolutionShape& shape, const WeightStrides& strides,
           const float* weights, PackedMemory& packed);

  // Floats of memory for `lines` lines of outputs.
  std::int64_t memory(std::int64_t lines) const;
  std::int64_t resident() const { return kPositions * panels_.floats(); }

  // Lines begin at a multiple of kSide. `memory` carries the transformed source from prepare to run.
  void prepare(const float* source, std::int64_t first_line, std::int64_t end_line,
               float* memory) const;
  void run(std::int64_t panel, std::int64_t first_line, std::int64_t end_line,
           const WindowWork& work) const;

 private:
  static constexpr std::int64_t kPositions = 36;

  void pack(const WeightStrides& strides, const float* weights, float* to) const;
  std::int64_t squares(std::int64_t lines) const { return ceil_div(lines, kSide) * across_; }
  // Floats from one position to the next: an odd number of blocks, so that the positions of a square meet in different
  // sets of a cache.
  static std::int64_t position_step(std::int64_t squares, std::int64_t columns) {
    return (squares * columns / kColumnBlock | 1) * kColumnBlock;
  }
  std::int64_t padded_channels() const { return whole_blocks(shape_.channels); }
  void finish(std::int64_t panel, std::int64_t first_line, std::int64_t end_line, const float* sums,
              std::int64_t sums_step, const WindowWork& work) const;

  const Kernels& kernels_;
  ConvolutionShape shape_;
  Panels panels_;  // of one position
  std::int64_t across_ = 1;
  const float* packed_ = nullptr;  // [panel][position][channel][column]
};

}  // namespace rdu::cpu
