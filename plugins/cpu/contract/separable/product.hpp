// A product of channels over points that lie one after the other in blocks.
#pragma once

#include <vector>

#include "plugins/cpu/contract/convolution_shape.hpp"
#include "plugins/cpu/contract/panel/panels.hpp"

namespace rdu::cpu {

class ChannelProduct {
 public:
  // Of a node that match.pointwise() says is one, its source's blocks `source_block` floats apart.
  ChannelProduct(const BuildContext& context, const rdu_node& node, const ConvolutionMatch& match,
                 std::int64_t source_block);

  const Panels& panels() const { return panels_; }

  struct Work {
    const float* source;
    std::int64_t points;
    float* sums;
    std::int64_t sums_block;
    const float* bias;   // null: none; whole blocks
    const float* start;  // null: none; lies as the sums do
    PostOp post;
  };
  void run(std::int64_t panel, const Work& work) const;

 private:
  std::vector<PanelChunk> chunks_of(std::int64_t width, std::int64_t source_block) const;

  const PanelKernels& kernels_;
  const std::int64_t channels_;
  const Panels panels_;
  const float* packed_ = nullptr;
  std::vector<PanelChunk> wide_, narrow_;  // of panels, the last of which may be narrow
};

}  // namespace rdu::cpu
