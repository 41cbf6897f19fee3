// The sliding windows of convolution and pooling, one per spatial dimension.
#pragma once

#include <cstdint>
#include <vector>

#include "tools/rducc/import/onnx/op_call.hpp"

namespace rducc::import_onnx {

struct Window {
  std::int64_t input = 1;  // extents
  std::int64_t kernel = 1;
  std::int64_t output = 1;
  std::int64_t stride = 1;
  std::int64_t dilation = 1;
  std::int64_t pad_begin = 0;
  std::int64_t pad_end = 0;

  std::int64_t reach() const { return (kernel - 1) * dilation + 1; }
  // Does some tap of some window lie outside the input?
  bool leaves_input() const {
    return pad_begin > 0 || (output - 1) * stride - pad_begin + reach() > input;
  }
  // stride * position + dilation * tap - pad_begin: where a tap reads.
  ir::Index tap(std::uint32_t position_loop, std::uint32_t tap_loop) const;
};

// strides, dilations, pads and auto_pad of a node, defaulted for its number of spatial dimensions
// and checked. `ceil_mode` as pooling has it.
std::vector<Window> read_windows(const OpCall& call, std::span<const std::int64_t> input,
                                 std::span<const std::int64_t> kernel, bool ceil_mode);

// An integer list attribute with one positive entry per spatial dimension.
std::vector<std::int64_t> spatial_attr(const OpCall& call, std::string_view name, std::size_t count,
                                       std::int64_t fallback);

// The pads attribute: all begins, then all ends; zeros where absent.
std::vector<std::int64_t> pads_attr(const OpCall& call, std::size_t count);

}  // namespace rducc::import_onnx
