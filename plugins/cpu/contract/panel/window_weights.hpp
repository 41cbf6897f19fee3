// The weights of a convolution in panels: [panel of output channels][block of input channels][tap][channel][output].
#pragma once

#include "plugins/cpu/contract/dnnl/call.hpp"
#include "plugins/cpu/contract/panel/panels.hpp"
#include "plugins/cpu/flow.hpp"
#include "plugins/cpu/packed/layout.hpp"

namespace rdu::cpu {

// Of what pack_window_weights makes.
PackedLayout window_layout(const ConvolutionShape& shape, const Panels& panels);

// `to` has room for panels.floats(); a block is as many channels as a point has side by side.
void pack_window_weights(const Kernels& kernels, const ConvolutionShape& shape,
                         const WeightStrides& strides, const float* weights, const Panels& panels,
                         float* to);

// The same, a block of channels of a panel at a time: `use(panel, first channel, channels, block)` reads it before the
// next.
void pack_window_blocks(
    const Kernels& kernels, const ConvolutionShape& shape, const WeightStrides& strides,
    const float* weights, const Panels& panels,
    FunctionRef<void(std::int64_t, std::int64_t, std::int64_t, const float*)> use);

}  // namespace rdu::cpu
