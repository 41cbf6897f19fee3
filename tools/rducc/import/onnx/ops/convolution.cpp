// Conv and ConvTranspose: one contract each, the bias in its epilogue.
#include "tools/rducc/import/onnx/ops/convolution.hpp"

#include <algorithm>

#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {

ConvShape conv_shape(const OpCall& call, std::size_t x, std::size_t w) {
  const Dims &in = call.dims(x), &weights = call.dims(w);
  if (in.size() < 3 || weights.size() != in.size()) {
    call.invalid("input of shape " + to_text(in) + " and weights of shape " + to_text(weights));
  }
  ConvShape shape;
  shape.groups = call.attr_i("group", 1);
  if (shape.groups < 1 || weights[0] % shape.groups || weights[1] * shape.groups != in[1]) {
    call.invalid("group = " + std::to_string(shape.groups) + " with input of shape " + to_text(in) +
                 " and weights of shape " + to_text(weights));
  }
  const std::vector<std::int64_t> kernel(weights.begin() + 2, weights.end());
  if (call.has_attr("kernel_shape") && call.attr_ints("kernel_shape") != kernel) {
    call.invalid("attribute kernel_shape = " + to_text(call.attr_ints("kernel_shape")) +
                 " but the weights have the shape " + to_text(weights));
  }
  shape.windows = read_windows(call, std::span(in).subspan(2), kernel, false);
  return shape;
}

// Loops: n, [group], [channel of the group], positions | [input channel], taps. Loops that a
// dense (groups = 1) or depthwise convolution does not need are left out, and n where a volume of
// one sample would not fit the longest domain. Every access is by one loop per dimension: grouped
// operands are seen through a reshape with a dimension per group.
ConvLoops conv_loops(ir::Builder& builder, ValueId x, ValueId w, const ConvShape& shape) {
  const Dims in = builder.dims(x), weights = builder.dims(w);
  const std::int64_t groups = shape.groups, per_group = weights[0] / groups, depth = weights[1];
  const bool grouped = groups > 1, single_out = grouped && per_group == 1,
             single_in = grouped && depth == 1;
  ConvLoops c;
  c.x = x;
  c.w = w;
  const auto loop = [&c](std::int64_t extent, std::uint32_t role) {
    c.loops.push_back({extent, ir::kNone, role});
    return static_cast<std::uint32_t>(c.loops.size() - 1);
  };
  const auto both = [&c](ir::Index index) {
    c.x_access.push_back(index);
    c.w_access.push_back(index);
  };
  if (in[0] == 1 && shape.windows.size() > 2) {
    c.x_access.push_back(ir::at(0));
  } else {
    c.x_access.push_back(ir::along(loop(in[0], RDU_LOOP_M)));
    c.result_dims.push_back(in[0]);
  }
  if (grouped) {
    c.channel.push_back(loop(groups, RDU_LOOP_BATCH));
    both(ir::along(c.channel.back()));
    c.result_dims.push_back(groups);
  }
  if (!single_out) {
    c.channel.push_back(loop(per_group, RDU_LOOP_N));
    c.w_access.push_back(ir::along(c.channel.back()));
    c.result_dims.push_back(per_group);
  }
  const std::uint32_t first_position = static_cast<std::uint32_t>(c.loops.size());
  for (const Window& window : shape.windows) {
    loop(window.output, RDU_LOOP_M);
    c.result_dims.push_back(window.output);
  }
  c.num_parallel = static_cast<std::uint32_t>(c.loops.size());
  if (single_in) {
    c.w_access.push_back(ir::at(0));
  } else {
    both(ir::along(loop(depth, RDU_LOOP_K)));
  }
  for (std::uint32_t d = 0; d < shape.windows.size(); ++d) {
    const std::uint32_t tap = loop(shape.windows[d].kernel, RDU_LOOP_WINDOW);
    c.x_access.push_back(shape.windows[d].tap(first_position + d, tap));
    c.w_access.push_back(ir::along(tap));
  }
  if (grouped && !single_in) {
    Dims split{in[0], groups, depth};
    split.insert(split.end(), in.begin() + 2, in.end());
    c.x = builder.reshape(x, split);
  }
  if (grouped && !single_out) {
    Dims split{groups, per_group};
    split.insert(split.end(), weights.begin() + 1, weights.end());
    c.w = builder.reshape(w, split);
  }
  c.dims = {in[0], weights[0]};
  for (const Window& window : shape.windows) c.dims.push_back(window.output);
  return c;
}

ir::Read per_channel(ir::Builder& builder, ValueId value, const ConvLoops& loops,
                     const ConvShape& shape) {
  ir::Access access;
  for (const std::uint32_t loop : loops.channel) access.push_back(ir::along(loop));
  if (access.size() == 2) {
    const std::int64_t channels = builder.dims(value)[0];
    value = builder.reshape(value, {shape.groups, channels / shape.groups});
  }
  return builder.read(value, access);
}

void require_domain(const OpCall& call, std::size_t loops) {
  if (loops > RDU_MAX_RANK) {
    call.unsupported("a convolution of " + std::to_string(loops) + " loops; at most " +
                     std::to_string(RDU_MAX_RANK) + " fit a node");
  }
}

namespace {

// acc + bias in the accumulator's dtype, then the result's.
ir::EpilogueFn add_bias(rdu_dtype dtype) {
  return [dtype](Body& b, Reg acc, std::span<const Reg> r) {
    if (!r.empty()) acc = b.add(acc, b.cast(r[0], acc.dtype));
    b.result(b.cast(acc, dtype));
  };
}

ir::BodyFn product_in(rdu_dtype acc) {
  return [acc](Body& b, std::span<const Reg> r) {
    b.result(b.cast(r[0], acc));
    b.result(b.cast(r[1], acc));
  };
}

void check_bias(const OpCall& call, std::int64_t channels) {
  if (call.has_input(2) && call.dims(2) != Dims{channels}) {
    call.invalid("bias of shape " + to_text(call.dims(2)) + " for " + std::to_string(channels) +
                 " output channels");
  }
}

void import_conv(OpCall& call) {
  require_same_dtype(call, 0, 3);
  require_float(call, 0);
  const ConvShape shape = conv_shape(call, 0, 1);
  check_bias(call, call.dims(1)[0]);
  ir::Builder& builder = call.b();
  const ConvLoops c = conv_loops(builder, call.input(0), call.input(1), shape);
  require_domain(call, c.loops.size());
  ir::ReduceSpec spec;
  spec.loops = c.loops;
  spec.num_parallel = c.num_parallel;
  spec.reads = {builder.read(c.x, c.x_access), builder.read(c.w, c.w_access)};
  spec.acc_dtype = wide(call.dtype(0));
  spec.body = product_in(spec.acc_dtype);
  if (call.has_input(2)) {
    spec.epilogue_reads = {per_channel(builder, call.input(2), c, shape)};
  }
  spec.epilogue = add_bias(call.dtype(0));
  spec.dtype = call.dtype(0);
  spec.dims = c.result_dims;
  call.set_output(0, builder.reshape(builder.contract(std::move(spec)), c.dims));
}

// The output extent of a transposed convolution and its first pad; output_shape moves the pads.
std::vector<Window> transpose_windows(const OpCall& call, const Dims& in, const Dims& weights) {
  const std::size_t count = in.size() - 2;
  const auto strides = spatial_attr(call, "strides", count, 1);
  const auto dilations = spatial_attr(call, "dilations", count, 1);
  const auto extra = call.attr_ints("output_padding", std::vector<std::int64_t>(count, 0));
  const auto wanted = call.attr_ints("output_shape");
  const std::string auto_pad = call.attr_s("auto_pad", "NOTSET");
  const bool same = auto_pad == "SAME_UPPER" || auto_pad == "SAME_LOWER";
  if (!same && auto_pad != "NOTSET" && auto_pad != "VALID") {
    call.invalid("attribute auto_pad = '" + auto_pad + "'");
  }
  if (extra.size() != count || (!wanted.empty() && wanted.size() < count)) {
    call.invalid("output_padding or output_shape do not have an entry per spatial dimension");
  }
  const auto pads =
      auto_pad == "NOTSET" ? pads_attr(call, count) : std::vector<std::int64_t>(2 * count, 0);
  std::vector<Window> windows(count);
  for (std::size_t d = 0; d < count; ++d) {
    Window& w = windows[d];
    w = {in[2 + d], weights[2 + d], 0, strides[d], dilations[d], pads[d], pads[count + d]};
    const std::int64_t full = w.stride * (w.input - 1) + extra[d] + w.reach();
    w.output = full - w.pad_begin - w.pad_end;
    if (!wanted.empty() || same) {
      w.output = wanted.empty() ? w.input * w.stride : wanted[wanted.size() - count + d];
      const std::int64_t total = std::max<std::int64_t>(0, full - w.output);
      w.pad_begin = auto_pad == "SAME_UPPER" ? total / 2 : total - total / 2;
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

void import_conv_transpose(OpCall& call) {
  require_same_dtype(call, 0, 3);
  require_float(call, 0);
  ir::Builder& builder = call.b();
  const Dims in = call.dims(0), weights = call.dims(1);
  const std::int64_t groups = call.attr_i("group", 1);
  if (in.size() < 3 || weights.size() != in.size() || groups < 1 || in[1] % groups ||
      weights[0] != in[1]) {
    call.invalid("group = " + std::to_string(groups) + " with input of shape " + to_text(in) +
                 " and weights of shape " + to_text(weights));
  }
  const std::int64_t depth = in[1] / groups, per_group = weights[1];
  check_bias(call, groups * per_group);
  const std::vector<Window> windows = transpose_windows(call, in, weights);
  const bool grouped = groups > 1, batched = in[0] > 1 || windows.size() < 3;
  std::vector<ir::Loop> loops;
  const auto loop = [&loops](std::int64_t extent, std::uint32_t role) {
    loops.push_back({extent, ir::kNone, role});
    return ir::along(static_cast<std::uint32_t>(loops.size() - 1));
  };
  Dims x_dims{in[0]}, w_dims, y_dims, dims{in[0], groups * per_group};
  ir::Access x_access, w_access, bias_access;
  x_access.push_back(batched ? loop(in[0], RDU_LOOP_M) : ir::at(0));
  if (batched) y_dims.push_back(in[0]);
  if (grouped) {
    const ir::Index g = loop(groups, RDU_LOOP_BATCH);
    for (ir::Access* access : {&x_access, &w_access, &bias_access}) access->push_back(g);
    for (Dims* d : {&x_dims, &w_dims, &y_dims}) d->push_back(groups);
  }
  const ir::Index o = loop(per_group, RDU_LOOP_N);
  bias_access.push_back(o);
  y_dims.push_back(per_group);
  const auto first_position = static_cast<std::uint32_t>(loops.size());
  for (const Window& w : windows) {
    loop(w.output, RDU_LOOP_M);
    y_dims.push_back(w.output);
    dims.push_back(w.output);
  }
  const auto num_parallel = static_cast<std::uint32_t>(loops.size());
  const ir::Index c = loop(depth, RDU_LOOP_K);
  x_access.push_back(c);
  w_access.push_back(c);
  w_access.push_back(o);
  x_dims.push_back(depth);
  w_dims.insert(w_dims.end(), {depth, per_group});
  for (std::uint32_t d = 0; d < windows.size(); ++d) {
    const ir::Index tap = loop(windows[d].kernel, RDU_LOOP_WINDOW);
    x_access.push_back(transposed_tap(windows[d], first_position + d, tap.terms[0].loop));
    w_access.push_back(tap);
    x_dims.push_back(in[2 + d]);
    w_dims.push_back(weights[2 + d]);
  }
  require_domain(call, loops.size());
  ir::ReduceSpec spec;
  spec.loops = std::move(loops);
  spec.num_parallel = num_parallel;
  spec.reads = {
      builder.read(grouped ? builder.reshape(call.input(0), x_dims) : call.input(0), x_access),
      builder.read(grouped ? builder.reshape(call.input(1), w_dims) : call.input(1), w_access)};
  spec.acc_dtype = wide(call.dtype(0));
  spec.body = product_in(spec.acc_dtype);
  if (call.has_input(2)) {
    const ValueId bias =
        grouped ? builder.reshape(call.input(2), {groups, per_group}) : call.input(2);
    spec.epilogue_reads = {builder.read(bias, bias_access)};
  }
  spec.epilogue = add_bias(call.dtype(0));
  spec.dtype = call.dtype(0);
  spec.dims = y_dims;
  call.set_output(0, builder.reshape(builder.contract(std::move(spec)), dims));
}

constexpr OpEntry kOps[] = {
    {"", "Conv", 1, import_conv},
    {"", "ConvTranspose", 1, import_conv_transpose},
};

}  // namespace

std::span<const OpEntry> convolution_ops() { return kOps; }

}  // namespace rducc::import_onnx
