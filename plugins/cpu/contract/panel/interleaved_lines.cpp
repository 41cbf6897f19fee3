// Turns line after line; what a line of windows reaches beyond the source is zeros.
#include "plugins/cpu/contract/panel/interleaved_lines.hpp"

#include <algorithm>

namespace rdu::cpu {
namespace {

constexpr std::int64_t kMostChannels = 12;  // more are as well in a block of 16
constexpr std::int64_t kFewestOutputs = 8;  // that pay for turning

}  // namespace

bool InterleavedLines::suits(const ConvolutionShape& s) {
  const bool flat = s.in[0] == 1 && s.out[0] == 1 && s.kernel[0] == 1 && s.pad[0] == 0;
  const bool windows = s.kernel[1] > 1 || s.kernel[2] > 1;
  return flat && windows && !s.transposed && !s.blocked_source && s.out[1] > 1 &&
         s.channels <= kMostChannels && s.outputs >= kFewestOutputs;
}

InterleavedLines::InterleavedLines(const Kernels& kernels, const ConvolutionShape& shape)
    : kernels_(kernels), planes_(shape) {
  width_ = std::max((shape.out[2] - 1) * shape.stride[2] + reach(2), shape.pad[2] + shape.in[2]);
}

ConvolutionShape InterleavedLines::shape() const {
  ConvolutionShape shape = planes_;
  shape.interleaved_source = true;
  shape.in[1] = source_lines(shape.out[1]);
  shape.in[2] = width_;
  shape.pad[1] = shape.pad[2] = 0;
  return shape;
}

void InterleavedLines::fill(const float* planes, std::int64_t first, std::int64_t end,
                            float* to) const {
  const std::int64_t channels = planes_.channels, points = planes_.in[1] * planes_.in[2];
  const std::int64_t top = first * planes_.stride[1] - planes_.pad[1];
  const std::int64_t before = planes_.pad[2] * channels, within = planes_.in[2] * channels;
  const std::int64_t line = width_ * channels;
  for (std::int64_t y = top; y < top + source_lines(end - first); ++y, to += line) {
    if (y < 0 || y >= planes_.in[1]) {
      std::fill_n(to, line, 0.0f);
      continue;
    }
    std::fill_n(to, before, 0.0f);
    kernels_.interleave(to + before, planes + y * planes_.in[2], points,
                        static_cast<std::size_t>(channels),
                        static_cast<std::size_t>(planes_.in[2]));
    std::fill_n(to + before + within, line - before - within, 0.0f);
  }
}

}  // namespace rdu::cpu
