// Transforms squares of inputs block by block, multiplies position by position, and transforms sums back.
#include "plugins/cpu/contract/panel/winograd.hpp"

#include "plugins/cpu/contract/channel_blocks.hpp"
#include "plugins/cpu/contract/panel/window_weights.hpp"

namespace rdu::cpu {
namespace {

// What things cost, in products of a vector with a number: a square's transforms for a block of channels, and a weight
// that no cache near the core holds.
constexpr std::int64_t kInputCost = 300, kOutputCost = 250;
constexpr std::int64_t kCachedWeights = 1 << 17;

}  // namespace

bool Winograd::suits(const ConvolutionShape& s) {
  const bool flat = s.in[0] == 1 && s.out[0] == 1 && s.kernel[0] == 1 && s.pad[0] == 0;
  bool plain = flat && s.blocked_source && !s.transposed;
  for (int d = 1; d < 3; ++d) {
    plain = plain && s.kernel[d] == 3 && s.stride[d] == 1 && s.dilation[d] == 1 && s.out[d] >= 8;
  }
  if (!plain) return false;
  const std::int64_t squares = ceil_div(s.out[1], kSide) * ceil_div(s.out[2], kSide);
  const std::int64_t inputs = channel_blocks(s.channels), outputs = channel_blocks(s.outputs);
  const std::int64_t products = s.channels * outputs, weights = s.channels * s.outputs;
  const auto read = [](std::int64_t count) { return count > kCachedWeights ? count * 3 / 2 : 0; };
  const std::int64_t direct = 9 * s.out[1] * s.out[2] * products + read(9 * weights);
  const std::int64_t transformed = kPositions * squares * products + read(kPositions * weights) +
                                   squares * (kInputCost * inputs + kOutputCost * outputs);
  return transformed * 4 < direct * 3;
}

Winograd::Winograd(const Kernels& kernels, const ConvolutionShape& shape,
                   const WeightStrides& strides, const float* weights, PackedMemory& packed)
    : kernels_(kernels),
      shape_(shape),
      panels_(kernels, shape.outputs, shape.channels),
      across_(ceil_div(shape.out[2], kSide)) {
  const PackedLayout layout =
      layout_of("winograd", {static_cast<std::int64_t>(kernels.panels.rows), panels_.width(0),
                             shape.channels, shape.outputs, shape.source_unit()});
  packed_ = packed.pack_floats(layout, resident(), [&](float* to) { pack(strides, weights, to); });
}

void Winograd::pack(const WeightStrides& strides, const float* weights, float* to) const {
  const auto transform = [&](std::int64_t panel, std::int64_t first, std::int64_t count,
                             const float* block) {
    const std::int64_t width = panels_.width(panel);
    float* place = to + kPositions * panels_.offset(panel) + first * width;
    for (std::int64_t c = 0; c < count; ++c) {
      kernels_.winograd.weights(place + c * width, shape_.channels * width, block + c * width,
                                count * width, static_cast<std::size_t>(width));
    }
  };
  pack_window_blocks(kernels_, shape_, strides, weights, panels_, transform);
}

std::int64_t Winograd::memory(std::int64_t lines) const {
  const std::int64_t count = squares(lines);
  return kPositions *
         (position_step(count, padded_channels()) + position_step(count, panels_.width(0)));
}

void Winograd::prepare(const float* source, std::int64_t first_line, std::int64_t end_line,
                       float* memory) const {
  const std::int64_t count = squares(end_line - first_line), channels = padded_channels();
  WinogradInput in{};
  in.line_step = shape_.in[2] * kChannelBlock;
  in.to_step = position_step(count, channels);
  const auto clip = [](std::int64_t from, std::int64_t extent, std::size_t& first,
                       std::size_t& end) {
    first = static_cast<std::size_t>(std::clamp<std::int64_t>(-from, 0, 6));
    end = static_cast<std::size_t>(std::clamp<std::int64_t>(extent - from, 0, 6));
  };
  for (std::int64_t s = 0; s < count; ++s) {
    const std::int64_t y = first_line + s / across_ * kSide - shape_.pad[1];
    const std::int64_t x = s % across_ * kSide - shape_.pad[2];
    clip(y, shape_.in[1], in.first_row, in.end_row);
    clip(x, shape_.in[2], in.first_column, in.end_column);
    for (std::int64_t c = 0; c < channels; c += kChannelBlock) {
      in.from = source + c * shape_.in[1] * shape_.in[2] + (y * shape_.in[2] + x) * kChannelBlock;
      in.to = memory + s * channels + c;
      kernels_.winograd.input(in);
    }
  }
}

void Winograd::run(std::int64_t panel, std::int64_t first_line, std::int64_t end_line,
                   const WindowWork& work) const {
  const std::int64_t count = squares(end_line - first_line), channels = padded_channels();
  const std::int64_t width = panels_.width(panel);
  const std::int64_t source_step = position_step(count, channels);
  const std::int64_t sums_step = position_step(count, width);
  float* sums = work.memory + kPositions * source_step;
  PanelTile tile{};
  tile.row_step = channels;
  tile.panel_step = tile.sums_step = width;
  tile.num_rows = static_cast<std::size_t>(count);
  tile.num_columns = static_cast<std::size_t>(width);
  tile.sums_block = kColumnBlock;
  for (std::int64_t position = 0; position < kPositions; ++position) {
    tile.rows = work.memory + position * source_step;
    tile.panel = packed_ + kPositions * panels_.offset(panel) + position * shape_.channels * width;
    tile.sums = sums + position * sums_step;
    multiply_steps(kernels_.panels, tile, shape_.channels);
  }
  finish(panel, first_line, end_line, sums, sums_step, work);
}

void Winograd::finish(std::int64_t panel, std::int64_t first_line, std::int64_t end_line,
                      const float* sums, std::int64_t sums_step, const WindowWork& work) const {
  const std::int64_t count = squares(end_line - first_line), width = panels_.width(panel);
  WinogradOutput out{};
  out.from_step = sums_step;
  out.line_step = shape_.out[2] * kChannelBlock;
  out.clamp = shape_.post.clamp;
  out.low = shape_.post.low;
  out.high = shape_.post.high;
  for (std::int64_t s = 0; s < count; ++s) {
    const std::int64_t y = first_line + s / across_ * kSide, x = s % across_ * kSide;
    const std::int64_t place = (y * shape_.out[2] + x - work.first_point) * kChannelBlock;
    out.rows = static_cast<std::size_t>(std::min(kSide, end_line - y));
    out.columns = static_cast<std::size_t>(std::min(kSide, shape_.out[2] - x));
    for (std::int64_t c = 0; c < width; c += kChannelBlock) {
      const std::int64_t block = c / kChannelBlock * work.sums_block;
      out.from = sums + s * width + c;
      out.to = work.sums + block + place;
      out.bias = work.bias == nullptr ? nullptr : work.bias + c;
      out.start = work.start == nullptr ? nullptr : work.start + block + place;
      kernels_.winograd.output(out);
    }
  }
}

}  // namespace rdu::cpu
