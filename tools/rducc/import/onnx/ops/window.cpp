// Reads the window attributes that convolution and pooling share, auto_pad and ceil_mode included.
#include "tools/rducc/import/onnx/ops/window.hpp"

#include <algorithm>

#include "tools/rducc/import/onnx/ops/operands.hpp"

namespace rducc::import_onnx {
namespace {

std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

// SAME: the output has ceil(input / stride) positions; the odd pad goes to the named end.
void pad_same(Window& w, bool upper) {
  w.output = ceil_div(w.input, w.stride);
  const std::int64_t total =
      std::max<std::int64_t>(0, (w.output - 1) * w.stride + w.reach() - w.input);
  w.pad_begin = upper ? total / 2 : total - total / 2;
  w.pad_end = total - w.pad_begin;
}

// A rounded-up output keeps no window that would start beyond the input and its left pad.
void count_outputs(Window& w, bool ceil_mode) {
  const std::int64_t room = w.input + w.pad_begin + w.pad_end - w.reach();
  w.output = room < 0 ? 0 : (ceil_mode ? ceil_div(room, w.stride) : room / w.stride) + 1;
  if (ceil_mode && w.output > 0 && (w.output - 1) * w.stride >= w.input + w.pad_begin) --w.output;
}

}  // namespace

ir::Index Window::tap(std::uint32_t position_loop, std::uint32_t tap_loop) const {
  ir::Index index = ir::along(position_loop, stride, -pad_begin);
  index.terms.push_back({tap_loop, dilation});
  return leaves_input() ? ir::outside(index, RDU_OUTSIDE_FILL) : index;
}

std::vector<std::int64_t> spatial_attr(const OpCall& call, std::string_view name, std::size_t count,
                                       std::int64_t fallback) {
  const std::vector<std::int64_t> values =
      call.attr_ints(name, std::vector<std::int64_t>(count, fallback));
  if (values.size() != count) {
    call.invalid("attribute " + std::string(name) + " has " + std::to_string(values.size()) +
                 " entries for " + std::to_string(count) + " spatial dimensions");
  }
  for (const std::int64_t value : values) {
    if (value < 1 || value > kMostStated) {
      call.invalid("attribute " + std::string(name) + " has the entry " + std::to_string(value));
    }
  }
  return values;
}

std::vector<std::int64_t> pads_attr(const OpCall& call, std::size_t count) {
  const std::vector<std::int64_t> pads =
      call.attr_ints("pads", std::vector<std::int64_t>(2 * count, 0));
  if (pads.size() != 2 * count) {
    call.invalid("attribute pads has " + std::to_string(pads.size()) + " entries for " +
                 std::to_string(count) + " spatial dimensions");
  }
  for (const std::int64_t pad : pads) {
    if (pad < 0 || pad > kMostStated) {
      call.invalid("attribute pads has the entry " + std::to_string(pad));
    }
  }
  return pads;
}

std::vector<Window> read_windows(const OpCall& call, std::span<const std::int64_t> input,
                                 std::span<const std::int64_t> kernel, bool ceil_mode) {
  const std::size_t count = input.size();
  const std::string auto_pad = call.attr_s("auto_pad", "NOTSET");
  const bool same = auto_pad == "SAME_UPPER" || auto_pad == "SAME_LOWER";
  if (!same && auto_pad != "NOTSET" && auto_pad != "VALID") {
    call.invalid("attribute auto_pad = '" + auto_pad + "'");
  }
  const std::vector<std::int64_t> strides = spatial_attr(call, "strides", count, 1);
  const std::vector<std::int64_t> dilations = spatial_attr(call, "dilations", count, 1);
  const std::vector<std::int64_t> pads =
      auto_pad == "NOTSET" ? pads_attr(call, count) : std::vector<std::int64_t>(2 * count, 0);
  std::vector<Window> windows(count);
  for (std::size_t d = 0; d < count; ++d) {
    if (kernel[d] < 1 || kernel[d] > kMostStated) {
      call.invalid("a window of " + std::to_string(kernel[d]) + " elements");
    }
    Window& w = windows[d];
    w = {input[d], kernel[d], 0, strides[d], dilations[d], pads[d], pads[count + d]};
    if (same) {
      pad_same(w, auto_pad == "SAME_UPPER");
    } else {
      count_outputs(w, ceil_mode);
    }
  }
  return windows;
}

}  // namespace rducc::import_onnx
