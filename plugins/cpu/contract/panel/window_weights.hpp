// The weights of a convolution in panels: [panel of output channels][block of input channels][tap][channel][output].
#pragma once

#include "plugins/cpu/contract/dnnl/call.hpp"
#include "plugins/cpu/contract/panel/panels.hpp"

namespace rdu::cpu {

// `to` has room for panels.floats(); a block is as many channels as a point has side by side.
void pack_window_weights(const Kernels& kernels, const ConvolutionShape& shape,
                         const WeightStrides& strides, const float* weights, const Panels& panels,
                         float* to);

}  // namespace rdu::cpu
