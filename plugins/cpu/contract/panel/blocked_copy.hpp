// A copy of a convolution's source in blocks of channels: of one that lies in planes, or with the zeros around it that its
// windows reach, so that no tap is outside and all lines are alike.
#pragma once

#include "plugins/cpu/contract/dnnl/call.hpp"
#include "plugins/cpu/plan/storage.hpp"
#include "plugins/cpu/simd/kernels.hpp"

namespace rdu::cpu {

class BlockedCopy {
 public:
  // Is a copy with zeros worth its time? `shape` has three dimensions and one group; its source is in blocks, or will be.
  static bool pays(const ConvolutionShape& shape);

  // Of `images` images that lie in planes where shape.blocked_source is false.
  BlockedCopy(const Kernels& kernels, const ConvolutionShape& shape, std::int64_t images);

  // The convolution of the copy.
  const ConvolutionShape& shape() const { return of_copy_; }
  std::int64_t image() const;  // floats
  std::int64_t floats() const { return images_ * image(); }
  void run(const Run& run, const float* source, float* copy) const;

 private:
  void copy_block(const float* source, std::int64_t channels, float* to) const;
  void copy_line(const float* source, std::int64_t channels, float* to) const;

  const Kernels& kernels_;
  const ConvolutionShape source_;
  const std::int64_t images_;
  ConvolutionShape of_copy_;
};

}  // namespace rdu::cpu
