// Turns the outputs of a panel by blocks that stay in the first-level cache, then puts taps before channels.
#include "plugins/cpu/contract/panel/window_weights.hpp"

#include <cstring>
#include <vector>

#include "plugins/cpu/contract/channel_blocks.hpp"

namespace rdu::cpu {
namespace {

class Packer {
 public:
  Packer(const Kernels& kernels, const ConvolutionShape& shape, const WeightStrides& strides)
      : kernels_(kernels),
        shape_(shape),
        strides_(strides),
        taps_(shape.kernel[0] * shape.kernel[1] * shape.kernel[2]),
        block_(shape.source_unit()) {
    dense_ = strides.kernel[2] == 1 || shape.kernel[2] == 1;
    dense_ = dense_ && (shape.kernel[1] == 1 || strides.kernel[1] == shape.kernel[2]);
    dense_ =
        dense_ && (shape.kernel[0] == 1 || strides.kernel[0] == shape.kernel[1] * shape.kernel[2]);
    dense_ = dense_ && (shape.channels == 1 || strides.channel == taps_);
  }

  void pack(const float* weights, std::int64_t columns, std::int64_t width, float* to) {
    turned_.resize(static_cast<std::size_t>(block_ * taps_ * width));
    for (std::int64_t first = 0; first < shape_.channels; first += block_) {
      const std::int64_t channels = std::min(block_, shape_.channels - first);
      const float* from = weights + first * strides_.channel;
      if (dense_) {
        pack_panel(kernels_, turned_.data(), width, from, 1, strides_.output, channels * taps_,
                   columns);
        for (std::int64_t tap = 0; tap < taps_; ++tap) {
          for (std::int64_t c = 0; c < channels; ++c, to += width) {
            std::memcpy(to, turned_.data() + (c * taps_ + tap) * width,
                        static_cast<std::size_t>(width) * sizeof(float));
          }
        }
      } else {
        to = pack_taps(from, channels, columns, width, to);
      }
    }
  }

 private:
  float* pack_taps(const float* from, std::int64_t channels, std::int64_t columns,
                   std::int64_t width, float* to) const {
    for (std::int64_t z = 0; z < shape_.kernel[0]; ++z) {
      for (std::int64_t y = 0; y < shape_.kernel[1]; ++y) {
        for (std::int64_t x = 0; x < shape_.kernel[2]; ++x, to += channels * width) {
          const float* tap =
              from + z * strides_.kernel[0] + y * strides_.kernel[1] + x * strides_.kernel[2];
          pack_panel(kernels_, to, width, tap, strides_.channel, strides_.output, channels,
                     columns);
        }
      }
    }
    return to;
  }

  const Kernels& kernels_;
  const ConvolutionShape& shape_;
  const WeightStrides& strides_;
  const std::int64_t taps_, block_;
  bool dense_ = false;
  std::vector<float> turned_;
};

}  // namespace

void pack_window_weights(const Kernels& kernels, const ConvolutionShape& shape,
                         const WeightStrides& strides, const float* weights, const Panels& panels,
                         float* to) {
  Packer packer(kernels, shape, strides);
  for (std::int64_t p = 0; p < panels.count(); ++p) {
    packer.pack(weights + panels.first(p) * strides.output, panels.columns(p), panels.width(p),
                to + panels.offset(p));
  }
}

}  // namespace rdu::cpu
