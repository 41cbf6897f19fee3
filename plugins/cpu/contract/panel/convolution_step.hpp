// Convolutions of one group.
#pragma once

#include "plugins/cpu/contract/convolution_shape.hpp"

namespace rdu::cpu {

// Null where there are groups.
std::unique_ptr<Step> make_panel_convolution_step(const BuildContext& context, const rdu_node& node,
                                                  const ConvolutionMatch& match);

}  // namespace rdu::cpu
