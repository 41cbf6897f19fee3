// Activation functions: each a short vector program in one map.
#include <cmath>

#include "tools/rducc/import/onnx/ops/activation_body.hpp"
#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {
namespace {

// y = f(x) in x's dtype; half floats are computed in F32 and rounded once.
template <class F>
void emit(OpCall& call, F f) {
  require_float(call, 0);
  const rdu_dtype dtype = call.dtype(0);
  call.set_output(
      0, call.b().elementwise(dtype, {call.input(0)}, [=](Body& b, std::span<const Reg> r) {
        b.result(b.cast(f(b, b.cast(r[0], wide(dtype))), dtype));
      }));
}

void import_relu(OpCall& call) {
  call.set_output(
      0, call.b().elementwise(call.dtype(0), {call.input(0)}, [](Body& b, std::span<const Reg> r) {
        b.result(b.max(r[0], b.like(r[0], 0)));
      }));
}

void import_sigmoid(OpCall& call) { emit(call, sigmoid); }

void import_softplus(OpCall& call) { emit(call, softplus); }

void import_softsign(OpCall& call) { emit(call, softsign); }

void import_mish(OpCall& call) {
  emit(call, [](Body& b, Reg x) { return b.mul(x, b.unary(RDU_OP_TANH, softplus(b, x))); });
}

void import_swish(OpCall& call) {
  const double alpha = call.attr_f("alpha", 1);
  emit(call, [=](Body& b, Reg x) { return b.mul(x, sigmoid(b, b.mul(x, b.like(x, alpha)))); });
}

void import_hard_sigmoid(OpCall& call) {
  const double alpha = call.attr_f("alpha", 0.2F), beta = call.attr_f("beta", 0.5);
  emit(call, [=](Body& b, Reg x) { return hard_sigmoid(b, x, alpha, beta); });
}

void import_hard_swish(OpCall& call) {
  emit(call, [](Body& b, Reg x) { return b.mul(x, hard_sigmoid(b, x, 1.0 / 6, 0.5)); });
}

void import_leaky_relu(OpCall& call) {
  const double alpha = call.attr_f("alpha", 0.01F);
  emit(call, [=](Body& b, Reg x) { return leaky_relu(b, x, alpha); });
}

void import_elu(OpCall& call) {
  const double alpha = call.attr_f("alpha", 1);
  emit(call, [=](Body& b, Reg x) { return exponential_unit(b, x, alpha, 1, 1); });
}

void import_celu(OpCall& call) {
  const double alpha = call.attr_f("alpha", 1);
  emit(call, [=](Body& b, Reg x) { return exponential_unit(b, x, alpha, alpha, 1); });
}

// The defaults had five digits until opset 5.
void import_selu(OpCall& call) {
  const bool exact = call.opset() >= 6;
  const double alpha = call.attr_f("alpha", exact ? 1.67326319217681884765625 : 1.6732F);
  const double gamma = call.attr_f("gamma", exact ? 1.05070102214813232421875 : 1.0507F);
  emit(call, [=](Body& b, Reg x) { return exponential_unit(b, x, alpha, 1, gamma); });
}

void import_thresholded_relu(OpCall& call) {
  const double alpha = call.attr_f("alpha", 1);
  emit(call, [=](Body& b, Reg x) { return thresholded_relu(b, x, alpha); });
}

void import_gelu(OpCall& call) {
  const std::string approximate = call.attr_s("approximate", "none");
  if (approximate == "none") return emit(call, gelu);
  if (approximate != "tanh") call.unsupported("attribute approximate = '" + approximate + "'");
  emit(call, gelu_tanh);
}

void import_shrink(OpCall& call) {
  const double lambda = call.attr_f("lambd", 0.5), bias = call.attr_f("bias", 0);
  const rdu_dtype dtype = call.dtype(0), compute = is_float(dtype) ? dtype : RDU_DTYPE_F64;
  call.set_output(
      0, call.b().elementwise(dtype, {call.input(0)}, [=](Body& b, std::span<const Reg> r) {
        const Reg x = b.cast(r[0], compute);
        const Reg low = b.select(b.binary(RDU_OP_LT, x, b.like(x, -lambda)),
                                 b.add(x, b.like(x, bias)), b.like(x, 0));
        const Reg y =
            b.select(b.binary(RDU_OP_GT, x, b.like(x, lambda)), b.sub(x, b.like(x, bias)), low);
        b.result(b.cast(y, dtype));
      }));
}

// One slope for all, or one per channel, until opset 6.
ValueId slope_of(OpCall& call) {
  if (call.opset() >= 7) return call.input(1);
  const Dims x = call.dims(0), slope = call.dims(1);
  const std::int64_t count = ir::num_elements(slope);
  Dims dims(x.size() < 2 ? x.size() : x.size() - 1, 1);
  if (count != 1 && (x.size() < 2 || count != x[1])) {
    call.invalid("slope of shape " + to_text(slope) + " for an input of shape " + to_text(x));
  }
  if (!dims.empty()) dims[0] = count;
  return call.b().reshape(call.input(1), dims);
}

// The slope broadcasts to x and never the other way.
void import_prelu(OpCall& call) {
  require_same_dtype(call, 0, 2);
  const ValueId slope = slope_of(call);
  const ir::Shape x = call.shape(0);
  if (!ir::same_shape(ir::broadcast_shape(x, call.b().shape(slope)), x)) {
    call.invalid("slope of shape " + ir::to_text(call.shape(1)) + " does not broadcast to " +
                 ir::to_text(x));
  }
  call.set_output(0, call.b().elementwise(call.dtype(0), {call.input(0), slope},
                                          [](Body& b, std::span<const Reg> r) {
                                            const Reg negative =
                                                b.binary(RDU_OP_LT, r[0], b.like(r[0], 0));
                                            b.result(b.select(negative, b.mul(r[0], r[1]), r[0]));
                                          }));
}

// Limits as attributes, until opset 10.
void import_clip_1(OpCall& call) {
  constexpr double kMax = std::numeric_limits<float>::max();
  const double low = call.attr_f("min", -kMax), high = call.attr_f("max", kMax);
  emit(call, [=](Body& b, Reg x) { return b.min(b.max(x, b.like(x, low)), b.like(x, high)); });
}

// Limits as optional scalar inputs.
void import_clip_11(OpCall& call) {
  require_same_dtype(call, 0, 3);
  ir::Builder& builder = call.b();
  std::vector<ir::Read> reads{
      builder.read(call.input(0), ir::identity_access(call.dims(0).size()))};
  std::optional<ScalarOperand> low, high;
  if (call.has_input(1)) low.emplace(call, 1).append_to(builder, reads);
  if (call.has_input(2)) high.emplace(call, 2).append_to(builder, reads);
  call.set_output(0, builder.map(call.dtype(0), call.shape(0), std::move(reads),
                                 [=](Body& b, std::span<const Reg> r) {
                                   Reg x = r[0];
                                   if (low) x = b.max(x, low->reg(b, r));
                                   if (high) x = b.min(x, high->reg(b, r));
                                   b.result(x);
                                 }));
}

constexpr OpEntry kOps[] = {
    {"", "Celu", 12, import_celu},
    {"", "Clip", 1, import_clip_1},
    {"", "Clip", 11, import_clip_11},
    {"", "Elu", 1, import_elu},
    {"", "Gelu", 20, import_gelu},
    {"", "HardSigmoid", 1, import_hard_sigmoid},
    {"", "HardSwish", 14, import_hard_swish},
    {"", "LeakyRelu", 1, import_leaky_relu},
    {"", "Mish", 18, import_mish},
    {"", "PRelu", 1, import_prelu},
    {"", "Relu", 1, import_relu},
    {"", "Selu", 1, import_selu},
    {"", "Shrink", 9, import_shrink},
    {"", "Sigmoid", 1, import_sigmoid},
    {"", "Softplus", 1, import_softplus},
    {"", "Softsign", 1, import_softsign},
    {"", "Swish", 24, import_swish},
    {"", "ThresholdedRelu", 10, import_thresholded_relu},
};

}  // namespace

std::span<const OpEntry> activation_ops() { return kOps; }

}  // namespace rducc::import_onnx
