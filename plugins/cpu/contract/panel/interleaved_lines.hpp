// A source of few channels as a convolution's tiles like it: lines with the channels of a point side by side and zeros
// around them, so that a row of the window is one run of steps and no tap is outside.
#pragma once

#include "plugins/cpu/contract/dnnl/call.hpp"
#include "plugins/cpu/simd/kernels.hpp"

namespace rdu::cpu {

class InterleavedLines {
 public:
  // `shape` has three dimensions and one group; its source lies in planes.
  static bool suits(const ConvolutionShape& shape);

  InterleavedLines(const Kernels& kernels, const ConvolutionShape& shape);

  // The convolution of the lines.
  ConvolutionShape shape() const;
  // Floats that the results of `lines` lines read.
  std::int64_t memory(std::int64_t lines) const {
    return source_lines(lines) * width_ * planes_.channels;
  }
  // What the results of lines [first, end) read, the first of it at `to`.
  void fill(const float* planes, std::int64_t first, std::int64_t end, float* to) const;

 private:
  std::int64_t source_lines(std::int64_t lines) const {
    return (lines - 1) * planes_.stride[1] + reach(1);
  }
  // Points that a window covers.
  std::int64_t reach(int dimension) const {
    return (planes_.kernel[dimension] - 1) * planes_.dilation[dimension] + 1;
  }

  const Kernels& kernels_;
  ConvolutionShape planes_;
  std::int64_t width_ = 0;  // of a line with what is around it
};

}  // namespace rdu::cpu
