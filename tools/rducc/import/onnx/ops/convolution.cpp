// Conv: one contract, the bias in its epilogue.
#include "tools/rducc/import/onnx/ops/convolution.hpp"

#include <algorithm>

#include "tools/rducc/import/onnx/ops/contraction.hpp"
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
  if (shape.groups < 1 || shape.groups > in[1] || weights[0] % shape.groups ||
      weights[1] * shape.groups != in[1]) {
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

namespace {

std::uint32_t add_loop(ConvLoops& c, std::int64_t extent, std::uint32_t role) {
  c.loops.push_back({extent, ir::kNone, role});
  return static_cast<std::uint32_t>(c.loops.size() - 1);
}

std::uint32_t add_result_loop(ConvLoops& c, std::int64_t extent, std::uint32_t role) {
  c.result_dims.push_back(extent);
  return add_loop(c, extent, role);
}

// n, [group], [channel of the group], positions. Says where the positions begin.
std::uint32_t add_result_loops(ConvLoops& c, std::int64_t batch, std::int64_t per_group,
                               const ConvShape& shape) {
  const bool volume_of_one = batch == 1 && shape.windows.size() > 2;
  c.x_access.push_back(volume_of_one ? ir::at(0)
                                     : ir::along(add_result_loop(c, batch, RDU_LOOP_M)));
  if (shape.groups > 1) {
    c.channel.push_back(add_result_loop(c, shape.groups, RDU_LOOP_BATCH));
    c.x_access.push_back(ir::along(c.channel.back()));
    c.w_access.push_back(ir::along(c.channel.back()));
  }
  if (shape.groups == 1 || per_group > 1) {
    c.channel.push_back(add_result_loop(c, per_group, RDU_LOOP_N));
    c.w_access.push_back(ir::along(c.channel.back()));
  }
  const auto first_position = static_cast<std::uint32_t>(c.loops.size());
  for (const Window& window : shape.windows) add_result_loop(c, window.output, RDU_LOOP_M);
  c.num_parallel = static_cast<std::uint32_t>(c.loops.size());
  return first_position;
}

// [input channel of the group], taps.
void add_reduction_loops(ConvLoops& c, std::int64_t depth, std::uint32_t first_position,
                         const ConvShape& shape) {
  if (shape.groups > 1 && depth == 1) {
    c.w_access.push_back(ir::at(0));
  } else {
    const std::uint32_t channel = add_loop(c, depth, RDU_LOOP_K);
    c.x_access.push_back(ir::along(channel));
    c.w_access.push_back(ir::along(channel));
  }
  for (std::uint32_t d = 0; d < shape.windows.size(); ++d) {
    const std::uint32_t tap = add_loop(c, shape.windows[d].kernel, RDU_LOOP_WINDOW);
    c.x_access.push_back(shape.windows[d].tap(first_position + d, tap));
    c.w_access.push_back(ir::along(tap));
  }
}

}  // namespace

// Loops that a dense (groups = 1) or depthwise convolution does not need are left out, and n where
// a volume of one sample would not fit the longest domain. Every access is by one loop per
// dimension: grouped operands are seen through a reshape with a dimension per group.
ConvLoops conv_loops(ir::Builder& builder, ValueId x, ValueId w, const ConvShape& shape) {
  const Dims in = builder.dims(x), weights = builder.dims(w);
  const std::int64_t groups = shape.groups, per_group = weights[0] / groups, depth = weights[1];
  ConvLoops c;
  c.x = x;
  c.w = w;
  add_reduction_loops(c, depth, add_result_loops(c, in[0], per_group, shape), shape);
  if (groups > 1 && depth > 1) {
    Dims split{in[0], groups, depth};
    split.insert(split.end(), in.begin() + 2, in.end());
    c.x = builder.reshape(x, split);
  }
  if (groups > 1 && per_group > 1) {
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

ir::EpilogueFn add_bias(rdu_dtype dtype) {
  return [dtype](Body& b, Reg acc, std::span<const Reg> r) {
    if (!r.empty()) acc = b.add(acc, b.cast(r[0], acc.dtype));
    b.result(b.cast(acc, dtype));
  };
}

void check_bias(const OpCall& call, std::int64_t channels) {
  if (call.has_input(2) && call.dims(2) != Dims{channels}) {
    call.invalid("bias of shape " + to_text(call.dims(2)) + " for " + std::to_string(channels) +
                 " output channels");
  }
}

void require_domain(const OpCall& call, std::size_t loops) {
  if (loops > RDU_MAX_LOOPS) {
    call.unsupported("a convolution of " + std::to_string(loops) + " loops; at most " +
                     std::to_string(RDU_MAX_LOOPS) + " fit a node");
  }
}

namespace {

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

constexpr OpEntry kOps[] = {
    {"", "Conv", 1, import_conv},
};

}  // namespace

std::span<const OpEntry> convolution_ops() { return kOps; }

}  // namespace rducc::import_onnx
