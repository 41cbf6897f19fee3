// Walks the weights as they lie, and puts each where the kernels meet it.
#include "plugins/cpu/contract/integer/byte_weights.hpp"

#include <algorithm>
#include <cstring>

#include "plugins/cpu/access/integer.hpp"
#include "plugins/cpu/contract/channel_blocks.hpp"

namespace rdu::cpu {
namespace {

// `to` is [input][ky][kx]; yields the sum.
template <class Byte>
std::int64_t centre(const Byte* from, const ByteConvolution& convolution, std::int32_t zero,
                    std::int16_t* to) {
  const ConvolutionShape& shape = convolution.match.shape;
  const WeightStrides& strides = convolution.match.weights;
  const bool flat = shape.spatial == 1;
  const std::int64_t lines = flat ? 1 : shape.kernel[0], taps = shape.kernel[flat ? 0 : 1];
  const std::int64_t down = flat ? 0 : strides.kernel[0], along = strides.kernel[flat ? 0 : 1];
  std::int64_t sum = 0;
  const bool dense = (along == 1 || taps == 1) && (down == taps || lines == 1) &&
                     (strides.channel == lines * taps || shape.channels == 1);
  for (std::int64_t i = 0; dense && i < shape.channels * lines * taps; ++i) {
    to[i] = static_cast<std::int16_t>(from[i] - zero);
    sum += to[i];
  }
  if (dense) return sum;
  for (std::int64_t i = 0; i < shape.channels; ++i) {
    for (std::int64_t ky = 0; ky < lines; ++ky) {
      const Byte* line = from + i * strides.channel + ky * down;
      for (std::int64_t kx = 0; kx < taps; ++kx) {
        *to = static_cast<std::int16_t>(line[kx * along] - zero);
        sum += *to++;
      }
    }
  }
  return sum;
}

}  // namespace

ByteWeights::ByteWeights(const ByteConvolution& convolution, const ByteKernels& kernels)
    : kernels_(kernels), channels_(convolution.match.channels()) {
  const ConvolutionMatch& match = convolution.match;
  const bool flat = match.shape.spatial == 1;
  inputs_ = match.shape.channels;
  ky_ = flat ? 1 : match.shape.kernel[0];
  kx_ = match.shape.kernel[flat ? 0 : 1];
  weights_.resize(static_cast<std::size_t>(at(channels_, 0)));
  const std::int64_t step = match.depthwise() ? match.weights.group : match.weights.output;
  for (std::int64_t c = 0; c < channels_; ++c) {
    const std::byte* from = convolution.weights_data + c * step;
    const std::int32_t zero = convolution.weights_zero[static_cast<std::size_t>(c)];
    std::int16_t* to = weights_.data() + at(c, 0);
    sums_.push_back(static_cast<std::uint32_t>(
        convolution.weights.dtype == RDU_DTYPE_I8
            ? centre(reinterpret_cast<const std::int8_t*>(from), convolution, zero, to)
            : centre(reinterpret_cast<const std::uint8_t*>(from), convolution, zero, to)));
  }
  const bool plain = convolution.weights.dtype == RDU_DTYPE_I8 &&
                     std::all_of(convolution.weights_zero.begin(), convolution.weights_zero.end(),
                                 [](std::int32_t zero) { return zero == 0; });
  if (plain) return;
  const auto [least, most] = std::minmax_element(weights_.begin(), weights_.end());
  while (*least < passes_ * kernels.least_tap || *most > passes_ * kernels.most_tap) ++passes_;
}

double ByteWeights::magnitude(std::int64_t channel) const {
  const std::int16_t* from = weights_.data() + at(channel, 0);
  std::int64_t sum = 0;
  for (std::int64_t i = 0; i < at(1, 0); ++i) sum += std::abs(from[i]);
  return static_cast<double>(sum);
}

std::uint32_t ByteWeights::word(std::int32_t weight, std::int64_t pass) const {
  for (; pass > 0; --pass) weight -= std::clamp(weight, kernels_.least_tap, kernels_.most_tap);
  weight = std::clamp(weight, kernels_.least_tap, kernels_.most_tap);
  return static_cast<std::uint32_t>(weight) & (kernels_.word == 1 ? 0xffu : 0xffffu);
}

// `count` neighbours, `step` apart, as the words of one quad.
void ByteWeights::put(std::byte* to, const std::int16_t* from, std::int64_t step,
                      std::int64_t count, std::int64_t pass) const {
  std::uint32_t quad = 0;
  if (count == 4 && passes_ == 1) {
    const auto byte = [&](std::int64_t i) {
      return static_cast<std::uint32_t>(from[i * step]) & 255;
    };
    quad = byte(0) | byte(1) << 8 | byte(2) << 16 | byte(3) << 24;
    std::memcpy(to, &quad, sizeof quad);
    return;
  }
  for (std::int64_t i = 0; i < count; ++i) {
    quad |= word(from[i * step], pass) << (8 * kernels_.word * static_cast<std::size_t>(i));
  }
  std::memcpy(to, &quad, sizeof quad);
}

std::int64_t ByteWeights::quads(const ByteLayout& layout, std::int64_t unit) const {
  const auto quad = static_cast<std::int64_t>(kernels_.quad);
  if (!layout.blocked) return ceil_div(kx_, quad);
  const std::int64_t left = layout.channels - unit * kChannelBlock;
  return ceil_div(kernels_.whole_blocks ? kChannelBlock : std::min(kChannelBlock, left), quad);
}

std::int64_t ByteWeights::quads(const ByteLayout& layout) const {
  std::int64_t quads = 0;
  for (std::int64_t u = 0; u < layout.units(); ++u) quads += this->quads(layout, u);
  return passes_ * quads * ky_ * (layout.blocked ? kx_ : 1);
}

void ByteWeights::pack(const ByteLayout& layout, std::int64_t first, std::int64_t width,
                       std::byte* to) const {
  const auto quad = static_cast<std::int64_t>(kernels_.quad);
  const std::int64_t quads = this->quads(layout), units = layout.units(), taps = ky_ * kx_;
  const std::int64_t most = this->quads(layout, 0);
  std::memset(to, 0, static_cast<std::size_t>(quads * width * 4));
  for (std::int64_t pass = 0; pass < passes_; ++pass) {
    for (std::int64_t c = 0; c < std::min(width, channels_ - first); ++c) {
      std::byte* of_channel = to + (quads / passes_ * pass * width + c) * 4;
      for (std::int64_t unit = 0; unit < units; ++unit) {
        const std::int64_t of_unit = this->quads(layout, unit);
        if (!layout.blocked) {
          const std::int16_t* from = weights_.data() + at(first + c, unit);
          for (std::int64_t q = 0; q < ky_ * most; ++q, of_channel += width * 4) {
            const std::int64_t line = q / most * kx_, kx = q % most * quad;
            put(of_channel, from + line + kx, 1, std::min(quad, kx_ - kx), pass);
          }
          continue;
        }
        for (std::int64_t tap = 0; tap < taps; ++tap) {
          for (std::int64_t q = 0; q < of_unit; ++q, of_channel += width * 4) {
            const std::int64_t input = unit * kChannelBlock + q * quad;
            put(of_channel, weights_.data() + at(first + c, input) + tap, taps,
                std::min(quad, inputs_ - input), pass);
          }
        }
      }
    }
  }
}

std::int64_t ByteWeights::depthwise_bytes() const {
  const auto quad = static_cast<std::int64_t>(kernels_.tap_quad);
  const auto word = static_cast<std::int64_t>(kernels_.word);
  return passes_ * ky_ * ceil_div(kx_, quad) * kChannelBlock * quad * word;
}

void ByteWeights::pack_depthwise(std::int64_t block, std::byte* to) const {
  const auto quad = static_cast<std::int64_t>(kernels_.tap_quad);
  const auto bytes = quad * static_cast<std::int64_t>(kernels_.word);
  const std::int64_t quads = ceil_div(kx_, quad), first = block * kChannelBlock;
  std::memset(to, 0, static_cast<std::size_t>(depthwise_bytes()));
  for (std::int64_t row = 0; row < passes_ * ky_; ++row) {
    for (std::int64_t q = 0; q < quads; ++q, to += kChannelBlock * bytes) {
      for (std::int64_t c = 0; c < std::min(channels_ - first, kChannelBlock); ++c) {
        const std::int16_t* from = weights_.data() + at(first + c, 0) + row % ky_ * kx_ + q * quad;
        std::uint32_t words = 0;
        for (std::int64_t i = 0; i < std::min(quad, kx_ - q * quad); ++i) {
          words |= word(from[i], row / ky_) << (8 * i);
        }
        std::memcpy(to + c * bytes, &words, static_cast<std::size_t>(bytes));
      }
    }
  }
}

}  // namespace rdu::cpu
