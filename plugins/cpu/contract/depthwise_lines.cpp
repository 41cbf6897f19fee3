// Cuts the taps outside above and below; the kernel looks at those at the ends of a line.
#include "plugins/cpu/contract/depthwise_lines.hpp"

#include <algorithm>

#include "plugins/cpu/access/integer.hpp"
#include "plugins/cpu/contract/channel_blocks.hpp"
#include "plugins/cpu/contract/packed_memory.hpp"

namespace rdu::cpu {

std::int64_t DepthwiseLines::Span::inner_first() const {
  return std::min(out, ceil_div(pad, stride));
}

std::int64_t DepthwiseLines::Span::inner_end() const {
  const std::int64_t last = in - 1 - (taps - 1) * dilation + pad;
  return std::clamp(last < 0 ? 0 : last / stride + 1, inner_first(), out);
}

DepthwiseLines::Span DepthwiseLines::span_of(const ConvolutionShape& s, std::uint32_t d) {
  return {s.in[d], s.out[d], s.kernel[d], s.stride[d], s.dilation[d], s.pad[d]};
}

DepthwiseLines::DepthwiseLines(const BuildContext& context, const rdu_node& node,
                               const ConvolutionMatch& match)
    : kernels_(context.kernels), blocks_(channel_blocks(match.channels())) {
  const std::uint32_t last = match.shape.spatial - 1;
  x_ = span_of(match.shape, last);
  if (last == 1) y_ = span_of(match.shape, 0);
  pack(context, node, match);
}

void DepthwiseLines::pack(const BuildContext& context, const rdu_node& node,
                          const ConvolutionMatch& match) {
  const auto code = context.graph.instrs(node.body);
  const rdu_read& read = context.graph.reads(node)[code[context.graph.results(node.body)[1]].a];
  const auto* from = static_cast<const float*>(context.graph.value(read.value).data);
  const PackedLayout layout = layout_of("depthwise", {match.channels(), y_.taps, x_.taps});
  weights_ = context.packed->pack_floats(layout, blocks_ * weights_block(),
                                         [&](float* to) { turn(match, from, to); });
}

void DepthwiseLines::turn(const ConvolutionMatch& match, const float* from, float* weights) const {
  std::fill_n(weights, blocks_ * weights_block(), 0.0f);
  const WeightStrides& strides = match.weights;
  const bool flat = match.shape.spatial == 1;
  const std::int64_t along = strides.kernel[flat ? 0 : 1], down = flat ? 0 : strides.kernel[0];
  for (std::int64_t c = 0; c < match.channels(); ++c) {
    float* to = weights + c / kChannelBlock * weights_block() + c % kChannelBlock;
    for (std::int64_t ky = 0; ky < y_.taps; ++ky) {
      for (std::int64_t kx = 0; kx < x_.taps; ++kx, to += kChannelBlock) {
        *to = from[c * strides.group + ky * down + kx * along];
      }
    }
  }
}

DepthwiseLines::Lines DepthwiseLines::read_by(std::int64_t first, std::int64_t end) const {
  const std::int64_t reach = (y_.taps - 1) * y_.dilation + 1;
  const std::int64_t top = first * y_.stride - y_.pad, bottom = (end - 1) * y_.stride - y_.pad;
  const std::int64_t begin = std::clamp<std::int64_t>(top, 0, y_.in);
  return {begin, std::clamp(bottom + reach, begin, y_.in)};
}

void DepthwiseLines::convolve(const Block& block, std::int64_t y, float* out) const {
  const std::int64_t top = y * y_.stride - y_.pad, pitch = x_.in * kChannelBlock;
  const std::int64_t first = std::max<std::int64_t>(0, ceil_div(-top, y_.dilation));
  const std::int64_t end = std::min(y_.taps, ceil_div(y_.in - top, y_.dilation));
  DepthwiseLine line{};
  line.out = out;
  line.rows = std::max<std::int64_t>(0, end - first);
  line.row_stride = y_.dilation * pitch;
  line.source = block.source;
  if (line.rows != 0) line.source += (top + first * y_.dilation - block.first_line) * pitch;
  line.weights = weights_ + block.number * weights_block() + first * x_.taps * kChannelBlock;
  line.bias = block.bias;
  line.taps = x_.taps;
  line.stride = x_.stride;
  line.dilation = x_.dilation;
  line.pad = x_.pad;
  line.width = x_.in;
  line.count = x_.out;
  line.inner_first = x_.inner_first();
  line.inner_end = x_.inner_end();
  line.clamps = block.post.clamp;
  line.low = block.post.low;
  line.high = block.post.high;
  kernels_.depthwise_line(line);
}

}  // namespace rdu::cpu
