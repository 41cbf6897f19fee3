// A stretch of input channels passes over all tiles before the next: its weights stay in the caches meanwhile.
#include "plugins/cpu/contract/panel/convolution.hpp"

#include "plugins/cpu/contract/channel_blocks.hpp"
#include "plugins/cpu/contract/panel/window_weights.hpp"

namespace rdu::cpu {
namespace {

constexpr std::int64_t kMostSteps = 1024;  // of a stretch

}  // namespace

PanelConvolution::PanelConvolution(const Kernels& kernels, const ConvolutionShape& shape,
                                   const WeightStrides& strides, const float* weights,
                                   std::int64_t largest_tile, std::int64_t tile_unit,
                                   PackedMemory& packed)
    : kernels_(kernels.panels),
      lines_(InterleavedLines::suits(shape) ? std::make_optional<InterleavedLines>(kernels, shape)
                                            : std::nullopt),
      shape_(lines_ ? lines_->shape() : shape),
      plan_(shape_, largest_tile, tile_unit),
      panels_(kernels, shape.outputs,
              shape.channels * shape.kernel[0] * shape.kernel[1] * shape.kernel[2]),
      unit_(shape_.source_unit()) {
  if (Winograd::suits(shape)) {
    winograd_.emplace(kernels, shape, strides, weights, packed);
  } else {
    pack(kernels, strides, weights, packed);
  }
}

void PanelConvolution::pack(const Kernels& kernels, const WeightStrides& strides,
                            const float* weights, PackedMemory& packed) {
  packed_ = packed.pack_floats(window_layout(shape_, panels_), panels_.floats(), [&](float* to) {
    pack_window_weights(kernels, shape_, strides, weights, panels_, to);
  });
  const auto width = static_cast<std::size_t>(shape_.out[2]);
  if (plan_.alike() && width <= kLongestShortLine) {
    lines_together_ = std::max<std::int64_t>(kernels_.lines[width], 1);
  }
  rows_repeat_ = unit_ * shape_.in[0] * shape_.in[1] * shape_.in[2];
  const std::int64_t tail = shape_.channels % unit_, blocks = ceil_div(shape_.channels, unit_);
  const std::int64_t most = std::max<std::int64_t>(kMostSteps / (plan_.taps() * unit_), 1);
  const std::int64_t stretches = ceil_div(blocks, most);
  for (std::int64_t i = 0; i < stretches; ++i) {
    const std::int64_t first = blocks * i / stretches, end = blocks * (i + 1) / stretches;
    const bool ragged = end == blocks && tail != 0;
    stretches_.push_back({first, ragged ? 1 : end - first, ragged});
  }
  const std::int64_t last = blocks - stretches_.back().first;
  plan_.make_chunks(panels_.width(0), panels_.width(panels_.count() - 1),
                    {tail == 0 ? 0 : last - 1, tail});
}

std::int64_t PanelConvolution::memory(std::int64_t tiles) const {
  if (winograd_) return winograd_->memory(line_of(tiles));
  return lines_ ? lines_->memory(line_of(tiles)) : 0;
}

void PanelConvolution::prepare(std::int64_t first, std::int64_t end, const WindowWork& work) const {
  if (winograd_) winograd_->prepare(work.source, line_of(first), line_of(end), work.memory);
  if (lines_) lines_->fill(work.source, line_of(first), line_of(end), work.memory);
}

void PanelConvolution::run(std::int64_t panel, std::int64_t first, std::int64_t end,
                           const WindowWork& of_panel) const {
  if (winograd_) return winograd_->run(panel, line_of(first), line_of(end), of_panel);
  WindowWork work = of_panel;
  if (lines_) {
    work.source = work.memory;
    work.source_point = plan_.line_base(line_of(first));
  }
  const auto tiles = static_cast<std::int64_t>(plan_.tiles().size());
  PanelTile tile{};
  tile.panel_step = panels_.width(panel);
  tile.panel_repeat = plan_.taps() * unit_ * tile.panel_step;
  tile.rows_repeat = rows_repeat_;
  tile.line_step = shape_.stride[1] * shape_.in[2] * unit_;
  tile.num_columns = static_cast<std::size_t>(tile.panel_step);
  tile.sums_block = tile.start_block = work.sums_block;
  for (const Stretch& stretch : stretches_) {
    tile.panel = packed_ + panels_.offset(panel) + stretch.first * tile.panel_repeat;
    tile.repeats = static_cast<std::size_t>(stretch.repeats);
    const bool begins = &stretch == &stretches_.front(), ends = &stretch == &stretches_.back();
    for (std::int64_t t = first, lines = 1; t < end; t += lines) {
      lines = t + lines_together_ <= end ? lines_together_ : 1;
      tile.line_rows = static_cast<std::size_t>(lines > 1 ? shape_.out[2] : 0);
      run_tile(tile, stretch, begins, ends, t / tiles,
               plan_.tiles()[static_cast<std::size_t>(t % tiles)], work);
    }
  }
}

// The call with all rows is the first that writes a tile and the last that adds to it, so that it can begin with the bias
// and end with the clamp; where it is both the first and not the last, the clamp needs a call of its own.
void PanelConvolution::run_tile(const PanelTile& of_panel, const Stretch& stretch, bool first,
                                bool last, std::int64_t line, const WindowTile& window,
                                const WindowWork& work) const {
  PanelTile tile = of_panel;
  const std::int64_t point = line * shape_.out[2] + window.output - work.first_point;
  float* sums = work.sums + point * kChannelBlock;
  const float* source = work.source +
                        (plan_.line_base(line) + window.input - work.source_point) * unit_ +
                        stretch.first * rows_repeat_;
  tile.row_step = window.advance * unit_;
  tile.sums_step = tile.start_step = window.step * kChannelBlock;
  tile.low = shape_.post.low;
  tile.high = shape_.post.high;
  const auto call = [&](const WindowCall& part, bool begins, bool clamps) {
    const auto& chunks =
        plan_.chunks(line, part.taps, of_panel.panel_step == panels_.width(0), stretch.tail);
    tile.chunks = chunks.data();
    tile.num_chunks = chunks.size();
    tile.rows = source + part.first * tile.row_step;
    const std::int64_t lines = of_panel.line_rows == 0 ? 1 : lines_together_;
    tile.num_rows = static_cast<std::size_t>(part.rows * lines);
    tile.sums = sums + part.first * tile.sums_step;
    tile.bias = begins ? work.bias : nullptr;
    tile.start = tile.sums;
    if (begins) tile.start = work.start == nullptr ? nullptr : work.start + point * kChannelBlock;
    tile.clamp = clamps && shape_.post.clamp;
    kernels_.multiply(tile);
  };
  const auto& calls = window.calls;
  if (first) call(calls.front(), true, last && calls.size() == 1);
  for (std::size_t c = 1; c < calls.size(); ++c) call(calls[c], false, false);
  if (!first) {
    call(calls.front(), false, last);
  } else if (last && calls.size() > 1 && shape_.post.clamp) {
    tile.repeats = 0;
    call(calls.front(), false, true);
  }
}

}  // namespace rdu::cpu
