// ConvTranspose: one contract whose input positions must divide by the stride (exact accesses).
#include <algorithm>
#include <cstdlib>

#include "tools/rducc/import/onnx/ops/contraction.hpp"
#include "tools/rducc/import/onnx/ops/convolution.hpp"
#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {
namespace {

struct TransposeAttributes {
  std::vector<std::int64_t> strides, dilations, pads, extra, wanted;
  bool same = false, upper = false;
};

TransposeAttributes read_attributes(const OpCall& call, std::size_t count) {
  TransposeAttributes a;
  const std::string auto_pad = call.attr_s("auto_pad", "NOTSET");
  a.upper = auto_pad == "SAME_UPPER";
  a.same = a.upper || auto_pad == "SAME_LOWER";
  if (!a.same && auto_pad != "NOTSET" && auto_pad != "VALID") {
    call.invalid("attribute auto_pad = '" + auto_pad + "'");
  }
  a.strides = spatial_attr(call, "strides", count, 1);
  a.dilations = spatial_attr(call, "dilations", count, 1);
  a.pads.assign(2 * count, 0);
  if (auto_pad == "NOTSET") a.pads = pads_attr(call, count);
  a.extra = call.attr_ints("output_padding", std::vector<std::int64_t>(count, 0));
  a.wanted = call.attr_ints("output_shape");
  if (a.extra.size() != count || (!a.wanted.empty() && a.wanted.size() < count)) {
    call.invalid("output_padding or output_shape do not have an entry per spatial dimension");
  }
  return a;
}

// The output's extents and first pads; a given output_shape moves the pads.
std::vector<Window> transpose_windows(const OpCall& call, const Dims& in, const Dims& weights) {
  const std::size_t count = in.size() - 2;
  const TransposeAttributes a = read_attributes(call, count);
  std::vector<Window> windows(count);
  for (std::size_t d = 0; d < count; ++d) {
    if (in[2 + d] > kMostStated || weights[2 + d] > kMostStated || weights[2 + d] < 1 ||
        std::abs(a.extra[d] / 2) > kMostStated) {
      call.invalid("input of shape " + to_text(in) + ", weights of shape " + to_text(weights) +
                   ", output_padding = " + to_text(a.extra));
    }
    Window& w = windows[d];
    w = {in[2 + d], weights[2 + d], 0, a.strides[d], a.dilations[d], a.pads[d], a.pads[count + d]};
    const std::int64_t full = w.stride * (w.input - 1) + a.extra[d] + w.reach();
    w.output = full - w.pad_begin - w.pad_end;
    if (!a.wanted.empty() || a.same) {
      w.output = a.wanted.empty() ? w.input * w.stride : a.wanted[a.wanted.size() - count + d];
      const std::int64_t total = std::max<std::int64_t>(0, full - w.output);
      w.pad_begin = a.upper ? total / 2 : total - total / 2;
    }
    if (w.output < 1) call.invalid("an output extent is " + std::to_string(w.output));
  }
  return windows;
}

// Output o gathers the inputs i and taps k with i * stride + k * dilation = o + pad.
ir::Index transposed_tap(const Window& w, std::uint32_t position, std::uint32_t tap) {
  ir::Index index = ir::along(position, 1, w.pad_begin);
  index.terms.push_back({tap, -w.dilation});
  index.div = w.stride;
  index.exact = w.stride > 1;
  return ir::outside(index, RDU_OUTSIDE_FILL);
}

struct TransposeShape {
  Dims in, weights;  // [n, c, …] and [c, channels per group, …]
  std::int64_t groups = 1;
  std::vector<Window> windows;

  std::int64_t depth() const { return in[1] / groups; }
  std::int64_t per_group() const { return weights[1]; }
};

TransposeShape read_shape(const OpCall& call) {
  TransposeShape s;
  s.in = call.dims(0);
  s.weights = call.dims(1);
  s.groups = call.attr_i("group", 1);
  if (s.in.size() < 3 || s.weights.size() != s.in.size() || s.groups < 1 || s.in[1] % s.groups ||
      s.weights[0] != s.in[1]) {
    call.invalid("group = " + std::to_string(s.groups) + " with input of shape " + to_text(s.in) +
                 " and weights of shape " + to_text(s.weights));
  }
  s.windows = transpose_windows(call, s.in, s.weights);
  check_bias(call, s.groups * s.per_group());
  return s;
}

// Loops: [n], [group], channel of the group, positions | input channel of the group, taps.
struct TransposeLoops {
  ir::ReduceSpec spec;
  ir::Access x, w, bias;
};

ir::Index add_loop(TransposeLoops& t, std::int64_t extent, std::uint32_t role) {
  t.spec.loops.push_back({extent, ir::kNone, role});
  const bool reduced = role == RDU_LOOP_K || role == RDU_LOOP_WINDOW;
  if (!reduced) {
    t.spec.dims.push_back(extent);
    t.spec.num_parallel = static_cast<std::uint32_t>(t.spec.loops.size());
  }
  return ir::along(static_cast<std::uint32_t>(t.spec.loops.size() - 1));
}

// n is left out where a volume of one sample would not fit the longest domain.
TransposeLoops transpose_loops(const TransposeShape& s) {
  TransposeLoops t;
  const bool volume_of_one = s.in[0] == 1 && s.windows.size() > 2;
  t.x.push_back(volume_of_one ? ir::at(0) : add_loop(t, s.in[0], RDU_LOOP_M));
  if (s.groups > 1) {
    const ir::Index group = add_loop(t, s.groups, RDU_LOOP_BATCH);
    for (ir::Access* access : {&t.x, &t.w, &t.bias}) access->push_back(group);
  }
  const ir::Index channel = add_loop(t, s.per_group(), RDU_LOOP_N);
  t.bias.push_back(channel);
  const auto first_position = static_cast<std::uint32_t>(t.spec.loops.size());
  for (const Window& window : s.windows) add_loop(t, window.output, RDU_LOOP_M);
  const ir::Index depth = add_loop(t, s.depth(), RDU_LOOP_K);
  t.x.push_back(depth);
  t.w.push_back(depth);
  t.w.push_back(channel);
  for (std::uint32_t d = 0; d < s.windows.size(); ++d) {
    const ir::Index tap = add_loop(t, s.windows[d].kernel, RDU_LOOP_WINDOW);
    t.x.push_back(transposed_tap(s.windows[d], first_position + d, tap.terms[0].loop));
    t.w.push_back(tap);
  }
  return t;
}

// Grouped operands are seen with a dimension per group before their channels: [lead…, g, rest…].
ValueId split_groups(ir::Builder& b, ValueId value, const TransposeShape& s, std::size_t axis) {
  if (s.groups == 1) return value;
  Dims dims = b.dims(value);
  dims[axis] /= s.groups;
  dims.insert(dims.begin() + static_cast<std::ptrdiff_t>(axis), s.groups);
  return b.reshape(value, dims);
}

void import_conv_transpose(OpCall& call) {
  require_same_dtype(call, 0, 3);
  require_float(call, 0);
  const TransposeShape s = read_shape(call);
  TransposeLoops t = transpose_loops(s);
  require_domain(call, t.spec.loops.size());
  ir::Builder& b = call.b();
  t.spec.reads = {b.read(split_groups(b, call.input(0), s, 1), t.x),
                  b.read(split_groups(b, call.input(1), s, 0), t.w)};
  if (call.has_input(2)) {
    t.spec.epilogue_reads = {b.read(split_groups(b, call.input(2), s, 0), t.bias)};
  }
  t.spec.dtype = call.dtype(0);
  t.spec.acc_dtype = wide(t.spec.dtype);
  t.spec.body = product_in(t.spec.acc_dtype);
  t.spec.epilogue = add_bias(t.spec.dtype);
  Dims dims{s.in[0], s.groups * s.per_group()};
  for (const Window& window : s.windows) dims.push_back(window.output);
  call.set_output(0, b.reshape(b.contract(std::move(t.spec)), dims));
}

constexpr OpEntry kOps[] = {{"", "ConvTranspose", 1, import_conv_transpose}};

}  // namespace

std::span<const OpEntry> conv_transpose_ops() { return kOps; }

}  // namespace rducc::import_onnx
