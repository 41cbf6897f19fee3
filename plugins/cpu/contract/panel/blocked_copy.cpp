// A task for each block of each image; lines one by one where zeros stand between them.
#include "plugins/cpu/contract/panel/blocked_copy.hpp"

#include <algorithm>
#include <cstring>

#include "plugins/cpu/contract/channel_blocks.hpp"
#include "plugins/cpu/contract/panel/winograd.hpp"
#include "plugins/cpu/steps/step.hpp"

namespace rdu::cpu {
namespace {

constexpr std::int64_t kFewestOutputs = 64;     // among which the time for a copy is shared
constexpr std::int64_t kMostBytes = 512 << 10;  // that stay in the second-level cache

bool has_zeros_around(const ConvolutionShape& s) {
  for (int d = 0; d < 3; ++d) {
    const std::int64_t reach = (s.out[d] - 1) * s.stride[d] + (s.kernel[d] - 1) * s.dilation[d] + 1;
    if (s.pad[d] != 0 || reach > s.in[d]) return true;
  }
  return false;
}

}  // namespace

bool BlockedCopy::pays(const ConvolutionShape& s) {
  const std::int64_t bytes = whole_blocks(s.channels) * s.in[0] * s.in[1] * s.in[2] * 4;
  return !s.transposed && s.outputs >= kFewestOutputs && bytes <= kMostBytes &&
         has_zeros_around(s) && !Winograd::suits(s);
}

BlockedCopy::BlockedCopy(const Kernels& kernels, const ConvolutionShape& shape, std::int64_t images)
    : kernels_(kernels), source_(shape), images_(images), of_copy_(shape) {
  of_copy_.blocked_source = true;
  if (!pays(of_copy_)) return;
  for (int d = 0; d < 3; ++d) {
    of_copy_.in[d] =
        (shape.out[d] - 1) * shape.stride[d] + (shape.kernel[d] - 1) * shape.dilation[d] + 1;
    of_copy_.pad[d] = 0;
  }
}

std::int64_t BlockedCopy::image() const {
  return whole_blocks(source_.channels) * of_copy_.in[0] * of_copy_.in[1] * of_copy_.in[2];
}

void BlockedCopy::run(const Run& run, const float* source, float* copy) const {
  const std::int64_t blocks = channel_blocks(source_.channels);
  const std::int64_t points = source_.in[0] * source_.in[1] * source_.in[2];
  const std::int64_t image_points =
      points * (source_.blocked_source ? blocks * kChannelBlock : source_.channels);
  for_each_task(run, images_ * blocks, [&](std::int64_t task, std::byte*) {
    const std::int64_t image = task / blocks, first = task % blocks * kChannelBlock;
    copy_block(source + image * image_points + first * points,
               std::min(kChannelBlock, source_.channels - first),
               copy + task * (this->image() / blocks));
  });
}

void BlockedCopy::copy_block(const float* source, std::int64_t channels, float* to) const {
  const ConvolutionShape &s = source_, &c = of_copy_;
  if (std::equal(s.in, s.in + 3, c.in) && std::equal(s.pad, s.pad + 3, c.pad)) {
    return to_block(kernels_, to, source, channels, s.in[0] * s.in[1] * s.in[2]);
  }
  const std::int64_t unit = s.blocked_source ? kChannelBlock : 1;
  for (std::int64_t z = -s.pad[0]; z < c.in[0] - s.pad[0]; ++z) {
    for (std::int64_t y = -s.pad[1]; y < c.in[1] - s.pad[1]; ++y) {
      const bool inside = z >= 0 && z < s.in[0] && y >= 0 && y < s.in[1];
      copy_line(inside ? source + (z * s.in[1] + y) * s.in[2] * unit : nullptr, channels, to);
      to += c.in[2] * kChannelBlock;
    }
  }
}

// Null: zeros.
void BlockedCopy::copy_line(const float* source, std::int64_t channels, float* to) const {
  const std::int64_t width = of_copy_.in[2], pad = source_.pad[2];
  const std::int64_t inside = source == nullptr ? 0 : std::min(source_.in[2], width - pad);
  const std::int64_t before = source == nullptr ? 0 : pad;
  std::fill_n(to, before * kChannelBlock, 0.0f);
  to += before * kChannelBlock;
  if (source_.blocked_source) {
    std::copy_n(source, inside * kChannelBlock, to);
  } else if (inside != 0) {
    kernels_.move[2].transpose(
        to, kChannelBlock, source, source_.in[0] * source_.in[1] * source_.in[2],
        static_cast<std::size_t>(inside), static_cast<std::size_t>(channels));
    for (std::int64_t x = 0; x < inside && channels < kChannelBlock; ++x) {
      std::fill_n(to + x * kChannelBlock + channels, kChannelBlock - channels, 0.0f);
    }
  }
  std::fill_n(to + inside * kChannelBlock, (width - before - inside) * kChannelBlock, 0.0f);
}

}  // namespace rdu::cpu
