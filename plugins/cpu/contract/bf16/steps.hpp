// The steps for contracts of 16-bit floats; null where the accesses are of another kind.
#pragma once

#include "plugins/cpu/contract/bf16/operands.hpp"
#include "plugins/cpu/contract/convolution_shape.hpp"

namespace rdu::cpu {

// Convolutions that have a step here, wherever their values lie.
std::optional<ConvolutionMatch> match_narrow_convolution(const BuildContext& context,
                                                         const rdu_node& node);

std::unique_ptr<Step> make_narrow_convolution_step(const BuildContext& context,
                                                   const rdu_node& node);
std::unique_ptr<Step> make_narrow_pool_step(const BuildContext& context, const rdu_node& node);
std::unique_ptr<Step> make_narrow_matmul_step(const BuildContext& context, const rdu_node& node);

}  // namespace rdu::cpu
