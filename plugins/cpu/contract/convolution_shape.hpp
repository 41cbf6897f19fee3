// Finds the convolution in a contract, by the accesses of its operands.
#pragma once

#include <optional>

#include "plugins/cpu/contract/dnnl/call.hpp"
#include "plugins/cpu/contract/operands.hpp"

namespace rdu::cpu {

// Loops by graph number, kMaxLoops where there is none (or it has one step).
struct ConvolutionMatch {
  ConvolutionShape shape;  // of one image, all outputs
  WeightStrides weights;
  std::int64_t images = 1;
  std::uint32_t image_loop = kMaxLoops, group_loop = kMaxLoops, output_loop = kMaxLoops;
  std::uint32_t spatial_loop[3] = {kMaxLoops, kMaxLoops, kMaxLoops};  // of the output
  std::uint32_t source = 0, destination = 0;                          // values
  std::int64_t destination_image = 0, destination_channel = 0,
               destination_base = 0;  // elements, if plain

  std::int64_t source_points() const { return shape.in[0] * shape.in[1] * shape.in[2]; }
  std::int64_t points() const { return shape.out[0] * shape.out[1] * shape.out[2]; }
  std::int64_t source_channels() const { return shape.groups * shape.channels; }
  std::int64_t channels() const { return shape.groups * shape.outputs; }
  bool depthwise() const { return shape.groups > 1 && shape.channels == 1 && shape.outputs == 1; }
  bool pointwise() const;  // a matrix product of channels
};

std::optional<ConvolutionMatch> match_convolution(const BuildContext& context,
                                                  const rdu_node& node);

// Of operands of any dtype, where what is read outside is `outside`.
std::optional<ConvolutionMatch> match_convolution(const BuildContext& context, const rdu_node& node,
                                                  const Operands& operands, std::int64_t outside);

}  // namespace rdu::cpu
