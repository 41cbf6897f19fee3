// Walks the weights in the order in which the kernels meet them.
#include "plugins/cpu/contract/integer/byte_weights.hpp"

#include <algorithm>
#include <cstring>

#include "plugins/cpu/access/integer.hpp"
#include "plugins/cpu/contract/channel_blocks.hpp"

namespace rdu::cpu {

ByteWeights::ByteWeights(const ByteConvolution& convolution, const ByteKernels& kernels)
    : convolution_(convolution), kernels_(kernels) {
  const ConvolutionShape& shape = convolution.match.shape;
  const bool flat = shape.spatial == 1;
  inputs_ = shape.channels;
  ky_ = flat ? 1 : shape.kernel[0];
  kx_ = shape.kernel[flat ? 0 : 1];
  for (std::int64_t c = 0; c < convolution.match.channels(); ++c) {
    for (std::int64_t i = 0; i < inputs_ * ky_ * kx_; ++i) {
      const Step step{c, i / (ky_ * kx_), i / kx_ % ky_, i % kx_};
      while (part(step, passes_) != 0) ++passes_;
    }
  }
}

std::uint32_t ByteWeights::sum(std::int64_t channel) const {
  std::uint32_t sum = 0;
  for (std::int64_t i = 0; i < inputs_ * ky_ * kx_; ++i) {
    sum += static_cast<std::uint32_t>(
        convolution_.weight(channel, i / (ky_ * kx_), i / kx_ % ky_, i % kx_));
  }
  return sum;
}

// What pass `pass` multiplies by, once earlier ones took what they can.
std::int32_t ByteWeights::part(const Step& s, std::int64_t pass) const {
  if (s.channel >= convolution_.match.channels() || s.input >= inputs_ || s.kx >= kx_) return 0;
  std::int32_t rest = convolution_.weight(s.channel, s.input, s.ky, s.kx);
  for (; pass > 0; --pass) rest -= std::clamp(rest, kernels_.least_tap, kernels_.most_tap);
  return std::clamp(rest, kernels_.least_tap, kernels_.most_tap);
}

void ByteWeights::append(std::int32_t word, std::vector<std::byte>& to) const {
  const auto half = static_cast<std::int16_t>(word);
  const auto at = to.size();
  to.resize(at + kernels_.word);
  if (kernels_.word == 1) {
    to[at] = static_cast<std::byte>(word);
  } else {
    std::memcpy(to.data() + at, &half, sizeof half);
  }
}

std::int64_t ByteWeights::quads(const ByteLayout& layout, std::int64_t unit) const {
  const auto quad = static_cast<std::int64_t>(kernels_.quad);
  if (!layout.blocked) return ceil_div(kx_, quad);
  return ceil_div(std::min(kChannelBlock, layout.channels - unit * kChannelBlock), quad);
}

void ByteWeights::pack(const ByteLayout& layout, std::int64_t first_channel, std::int64_t width,
                       std::vector<std::byte>& to) const {
  const auto quad = static_cast<std::int64_t>(kernels_.quad);
  const std::int64_t taps = layout.blocked ? kx_ : 1;
  for (std::int64_t pass = 0; pass < passes_; ++pass) {
    for (std::int64_t unit = 0; unit < layout.units(); ++unit) {
      const std::int64_t quads = this->quads(layout, unit);
      for (std::int64_t i = 0; i < ky_ * taps * quads * width * quad; ++i) {
        const std::int64_t step = i % quad, channel = first_channel + i / quad % width;
        const std::int64_t q = i / (quad * width) % quads, tap = i / (quad * width * quads);
        const std::int64_t along = q * quad + step;
        const Step at = layout.blocked
                            ? Step{channel, unit * kChannelBlock + along, tap / kx_, tap % kx_}
                            : Step{channel, unit, tap, along};
        append(part(at, pass), to);
      }
    }
  }
}

void ByteWeights::pack_depthwise(std::vector<std::byte>& to) const {
  const auto quad = static_cast<std::int64_t>(kernels_.tap_quad);
  const std::int64_t quads = ceil_div(kx_, quad);
  const std::int64_t row = quads * kChannelBlock * quad;
  for (std::int64_t b = 0; b < channel_blocks(convolution_.match.channels()); ++b) {
    for (std::int64_t i = 0; i < passes_ * ky_ * row; ++i) {
      const std::int64_t channel = b * kChannelBlock + i / quad % kChannelBlock;
      const std::int64_t kx = i / (quad * kChannelBlock) % quads * quad + i % quad;
      append(part({channel, 0, i / row % ky_, kx}, i / (row * ky_)), to);
    }
  }
}

}  // namespace rdu::cpu
