// Packs panels by rows or by columns, whichever lies dense, and walks long sums block by block.
#include "plugins/cpu/contract/panel/panels.hpp"

#include <cstring>

namespace rdu::cpu {
namespace {

constexpr std::int64_t kMostSteps = 1024;

}  // namespace

void pack_panel(const Kernels& kernels, float* to, std::int64_t width, const float* from,
                std::int64_t step_stride, std::int64_t column_stride, std::int64_t steps,
                std::int64_t columns) {
  const auto count = static_cast<std::size_t>(columns);
  if (columns < width) {
    std::memset(to, 0, static_cast<std::size_t>(steps * width) * sizeof(float));
  }
  if (step_stride == 1) {
    kernels.move[2].transpose(to, width, from, column_stride, static_cast<std::size_t>(steps),
                              count);
    return;
  }
  for (std::int64_t step = 0; step < steps; ++step, to += width, from += step_stride) {
    if (column_stride == 1) {
      std::memcpy(to, from, count * sizeof(float));
    } else {
      kernels.move[2].gather(to, from, column_stride, count);
    }
  }
}

void multiply_steps(const PanelKernels& kernels, PanelTile tile, std::int64_t steps) {
  const PanelTile whole = tile;
  PanelChunk chunk{};
  tile.chunks = &chunk;
  tile.num_chunks = 1;
  tile.repeats = 1;
  const std::int64_t blocks = std::max<std::int64_t>((steps + kMostSteps - 1) / kMostSteps, 1);
  for (std::int64_t block = 0; block < blocks; ++block) {
    const std::int64_t first = steps * block / blocks, end = steps * (block + 1) / blocks;
    chunk = {first, first * tile.panel_step, static_cast<std::size_t>(end - first)};
    tile.clamp = whole.clamp && block + 1 == blocks;
    kernels.multiply(tile);
    tile.bias = nullptr;
    tile.start = tile.sums;
    tile.start_step = tile.sums_step;
    tile.start_block = tile.sums_block;
  }
}

}  // namespace rdu::cpu
