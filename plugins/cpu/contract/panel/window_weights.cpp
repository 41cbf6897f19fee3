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

  std::int64_t block() const { return block_; }
  std::int64_t taps() const { return taps_; }

  // `count` channels from `first`; returns the end of what was written.
  float* pack(const float* weights, std::int64_t first, std::int64_t count, std::int64_t columns,
              std::int64_t width, float* to) {
    const float* from = weights + first * strides_.channel;
    if (!dense_) return pack_taps(from, count, columns, width, to);
    turned_.resize(static_cast<std::size_t>(block_ * taps_ * width));
    pack_panel(kernels_, turned_.data(), width, from, 1, strides_.output, count * taps_, columns);
    for (std::int64_t tap = 0; tap < taps_; ++tap) {
      for (std::int64_t c = 0; c < count; ++c, to += width) {
        std::memcpy(to, turned_.data() + (c * taps_ + tap) * width,
                    static_cast<std::size_t>(width) * sizeof(float));
      }
    }
    return to;
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

PackedLayout window_layout(const ConvolutionShape& shape, const Panels& panels) {
  return layout_of("window", {panels.width(0), shape.channels, shape.outputs, shape.kernel[0],
                              shape.kernel[1], shape.kernel[2], shape.source_unit()});
}

void pack_window_weights(const Kernels& kernels, const ConvolutionShape& shape,
                         const WeightStrides& strides, const float* weights, const Panels& panels,
                         float* to) {
  Packer packer(kernels, shape, strides);
  for (std::int64_t p = 0; p < panels.count(); ++p) {
    const float* from = weights + panels.first(p) * strides.output;
    float* block = to + panels.offset(p);
    for (std::int64_t c = 0; c < shape.channels; c += packer.block()) {
      const std::int64_t count = std::min(packer.block(), shape.channels - c);
      block = packer.pack(from, c, count, panels.columns(p), panels.width(p), block);
    }
  }
}

void pack_window_blocks(
    const Kernels& kernels, const ConvolutionShape& shape, const WeightStrides& strides,
    const float* weights, const Panels& panels,
    FunctionRef<void(std::int64_t, std::int64_t, std::int64_t, const float*)> use) {
  Packer packer(kernels, shape, strides);
  std::vector<float> block(
      static_cast<std::size_t>(packer.block() * packer.taps() * panels.width(0)));
  for (std::int64_t p = 0; p < panels.count(); ++p) {
    const float* from = weights + panels.first(p) * strides.output;
    for (std::int64_t c = 0; c < shape.channels; c += packer.block()) {
      const std::int64_t count = std::min(packer.block(), shape.channels - c);
      packer.pack(from, c, count, panels.columns(p), panels.width(p), block.data());
      use(p, c, count, block.data());
    }
  }
}

}  // namespace rdu::cpu
