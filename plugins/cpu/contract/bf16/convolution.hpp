// The sums of a convolution from bordered lines: which taps of the window are which shifts of rows.
#pragma once

#include "plugins/cpu/contract/bf16/finish.hpp"
#include "plugins/cpu/contract/bf16/operands.hpp"
#include "plugins/cpu/contract/bf16/product.hpp"
#include "plugins/cpu/contract/convolution_shape.hpp"
#include "plugins/cpu/contract/packed_memory.hpp"
#include "plugins/cpu/contract/panel/window_plan.hpp"

namespace rdu::cpu {

// A line of outputs is q-th of a phase of y; a phase has the outputs that meet the same taps (one, unless transposed).
class NarrowConvolution {
 public:
  // Lines [first, end): numbered by q, all phases of y together.
  struct Lines {
    std::int64_t first, end;
    const std::byte* staged = nullptr;  // set by stage()
  };
  // Outputs x, x + step_x(), … of line y.
  struct Result {
    std::int64_t y, x, rows;
    float* sums;
  };

  NarrowConvolution(const BuildContext& context, const ConvolutionMatch& match,
                    const NarrowOperands& operands);

  const NarrowProduct& product() const { return product_; }
  std::int64_t lines() const;
  std::int64_t products() const;  // of an image
  std::int64_t step_x() const { return x_.front().step; }
  std::uint64_t packed_bytes() const { return packed_bytes_; }
  void pack(PackedMemory& memory, const void* weights);

  // Memory that lines need, and the copy that they need there: none where the source can be read as it lies.
  std::int64_t stage_bytes(std::int64_t lines) const;
  void stage(const std::byte* source, std::int64_t image, Lines& lines, std::byte* memory) const;

  // All outputs of the lines in one panel; `sums` has room for product().sum_rows() rows.
  void run(std::int64_t panel, const Lines& lines, float* sums,
           FunctionRef<void(const Result&)> use) const;

 private:
  void fill(const void* weights, std::byte* packed) const;
  // One phase of y and one of x.
  struct Pass {
    std::size_t y, x;
    NarrowChunks chunks;
  };

  void choose_rows(bool source_fits);
  void make_passes();
  void run_pass(const Pass& pass, std::int64_t panel, const Lines& lines, float* sums,
                FunctionRef<void(const Result&)> use) const;
  void stage_line(const std::byte* image, std::int64_t line, std::byte* to, std::byte* spare) const;
  std::int64_t staged_lines(std::int64_t lines) const {
    return (lines - 1) * y_.front().advance + reach_y_;
  }
  std::int64_t line_elements() const { return pitch_ * position_; }
  std::int64_t spare_bytes() const;

  const Kernels& kernels_;
  const ConvolutionShape shape_;
  const WeightStrides strides_;
  const rdu_dtype source_dtype_, weight_dtype_;
  const bool channels_last_;
  NarrowProduct product_;
  std::vector<WindowPhase> y_, x_;
  std::int64_t in_y_, in_x_, kernel_y_, kernel_x_;
  std::int64_t first_y_ = 0,
               first_x_ =
                   0;  // input positions at the borders, as the first phase's q = 0 sees them
  std::int64_t reach_y_ = 1, reach_x_ = 1;  // positions that all taps span
  std::int64_t position_ = 1;               // elements of a position of a line
  std::int64_t pitch_ = 1;                  // positions of a line
  bool in_place_ = false,
       expands_ = false;  // expands: a position holds all taps of x that an output meets
  std::vector<Pass> passes_;
  std::int64_t steps_ = 0;  // of a panel
  const std::byte* packed_ = nullptr;
  std::uint64_t packed_bytes_ = 0;
};

}  // namespace rdu::cpu
