// One chunk for a block of channels; the order of additions is that of the convolution by itself.
#include "plugins/cpu/contract/separable/product.hpp"

#include <algorithm>

#include "plugins/cpu/contract/packed_memory.hpp"
#include "plugins/cpu/contract/panel/window_weights.hpp"

namespace rdu::cpu {

ChannelProduct::ChannelProduct(const BuildContext& context, const rdu_node& node,
                               const ConvolutionMatch& match, std::int64_t source_block)
    : kernels_(context.kernels.panels),
      channels_(match.shape.channels),
      panels_(context.kernels, match.shape.outputs, match.shape.channels) {
  const auto code = context.graph.instrs(node.body);
  const rdu_read& read = context.graph.reads(node)[code[context.graph.results(node.body)[1]].a];
  packed_ = context.packed->pack_floats(
      window_layout(match.shape, panels_), panels_.floats(), [&](float* to) {
        pack_window_weights(context.kernels, match.shape, match.weights,
                            static_cast<const float*>(context.graph.value(read.value).data),
                            panels_, to);
      });
  wide_ = chunks_of(panels_.width(0), source_block);
  narrow_ = chunks_of(panels_.width(panels_.count() - 1), source_block);
}

std::vector<PanelChunk> ChannelProduct::chunks_of(std::int64_t width,
                                                  std::int64_t source_block) const {
  std::vector<PanelChunk> chunks;
  for (std::int64_t c = 0; c < channels_; c += kChannelBlock) {
    chunks.push_back({c / kChannelBlock * source_block, c * width,
                      static_cast<std::size_t>(std::min(kChannelBlock, channels_ - c))});
  }
  return chunks;
}

void ChannelProduct::run(std::int64_t panel, const Work& work) const {
  const auto& chunks = panels_.width(panel) == panels_.width(0) ? wide_ : narrow_;
  PanelTile tile{};
  tile.rows = work.source;
  tile.row_step = tile.sums_step = tile.start_step = kChannelBlock;
  tile.panel = packed_ + panels_.offset(panel);
  tile.panel_step = panels_.width(panel);
  tile.chunks = chunks.data();
  tile.num_chunks = chunks.size();
  tile.repeats = 1;
  tile.num_rows = static_cast<std::size_t>(work.points);
  tile.num_columns = static_cast<std::size_t>(tile.panel_step);
  tile.sums = work.sums;
  tile.sums_block = tile.start_block = work.sums_block;
  tile.bias = work.bias;
  tile.start = work.start;
  tile.clamp = work.post.clamp;
  tile.low = work.post.low;
  tile.high = work.post.high;
  kernels_.multiply(tile);
}

}  // namespace rdu::cpu
