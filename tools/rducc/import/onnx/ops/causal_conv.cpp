// CausalConvWithState: a depthwise convolution that sees the past, and what the next step sees of it.
#include "tools/rducc/import/onnx/ops/activation_body.hpp"
#include "tools/rducc/import/onnx/ops/contraction.hpp"
#include "tools/rducc/import/onnx/ops/convolution.hpp"
#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {
namespace {

bool has_silu(const OpCall& call) {
  const std::string activation = call.attr_s("activation", "none");
  if (activation == "none") return false;
  if (activation == "silu" || activation == "swish") return true;
  call.invalid("attribute activation = '" + activation + "'");
}

// The window over input and past; without a past, zeros stand before the input.
Window causal_window(const OpCall& call) {
  const Dims x = call.dims(0), w = call.dims(1);
  if (x.size() != 3 || w.size() != 3 || w[0] != x[1] || w[1] != 1 || w[2] < 1) {
    call.invalid("input of shape " + to_text(x) + " and weights of shape " + to_text(w));
  }
  Window window;
  window.kernel = w[2];
  window.dilation = call.attr_i("dilation", 1);
  if (window.dilation < 1 || window.dilation > kMostStated) {
    call.invalid("attribute dilation = " + std::to_string(window.dilation));
  }
  window.output = x[2];
  window.pad_begin = window.reach() - 1;
  window.input = x[2];
  if (!call.has_input(3)) return window;
  if (call.dims(3) != Dims{x[0], x[1], window.pad_begin}) {
    call.invalid("past_state of shape " + to_text(call.dims(3)) + " for input of shape " +
                 to_text(x) + " and weights of shape " + to_text(w));
  }
  window.input += window.pad_begin;
  window.pad_begin = 0;
  return window;
}

ValueId convolve(OpCall& call, ValueId x, const ConvShape& shape) {
  ir::Builder& builder = call.b();
  const ConvLoops c = conv_loops(builder, x, call.input(1), shape);
  ir::ReduceSpec spec;
  spec.loops = c.loops;
  spec.num_parallel = c.num_parallel;
  ir::Access positions = c.x_access;
  if (shape.windows[0].leaves_input()) {
    positions.back() = ir::outside(positions.back(), RDU_OUTSIDE_FILL);
  }
  spec.reads = {builder.read_fill(c.x, positions, 0), builder.read(c.w, c.w_access)};
  spec.dtype = call.dtype(0);
  spec.acc_dtype = wide(spec.dtype);
  spec.body = product_in(spec.acc_dtype);
  check_bias(call, call.dims(1)[0]);
  if (call.has_input(2)) {
    spec.epilogue_reads = {per_channel(builder, call.input(2), c, shape)};
  }
  spec.epilogue = [=, silu = has_silu(call), dtype = spec.dtype](Body& b, Reg acc,
                                                                 std::span<const Reg> r) {
    if (!r.empty()) acc = b.add(acc, b.cast(r[0], acc.dtype));
    b.result(b.cast(silu ? b.mul(acc, sigmoid(b, acc)) : acc, dtype));
  };
  spec.dims = c.result_dims;
  return builder.reshape(builder.contract(std::move(spec)), c.dims);
}

// The last positions of what the convolution saw.
ValueId next_state(OpCall& call, ValueId x, const Window& window) {
  const Dims dims = call.b().dims(x);
  const std::int64_t kept = window.reach() - 1;
  const std::int64_t begin[] = {0, 0, kept - dims[2]}, end[] = {0, 0, 0};
  return call.b().pad(x, begin, end, RDU_OUTSIDE_FILL, 0);
}

void import_causal_conv(OpCall& call) {
  require_float(call, 0);
  require_same_dtype(call, 0, 4);
  const Window window = causal_window(call);
  ValueId x = call.input(0);
  if (call.has_input(3)) {
    const ValueId parts[] = {call.input(3), x};
    x = call.b().concat(parts, 2);
  }
  call.set_output(0, convolve(call, x, {call.dims(0)[1], {window}}));
  if (call.wants_output(1)) call.set_output(1, next_state(call, x, window));
}

void import_contrib_causal_conv(OpCall& call) {
  for (const auto& [name, supported] :
       {std::pair{"ndim", 1}, {"channels_last", 0}, {"state_window", 0}}) {
    const std::int64_t value = call.attr_i(name, supported);
    if (value != supported) {
      call.unsupported("attribute " + std::string(name) + " = " + std::to_string(value));
    }
  }
  import_causal_conv(call);
}

constexpr OpEntry kOps[] = {
    {"", "CausalConvWithState", 27, import_causal_conv},
    {"com.microsoft", "CausalConvWithState", 1, import_contrib_causal_conv},
};

}  // namespace

std::span<const OpEntry> causal_conv_ops() { return kOps; }

}  // namespace rducc::import_onnx
