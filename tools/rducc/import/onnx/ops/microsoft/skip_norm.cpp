// Layer normalisations that first add a skip connection, and the root mean square ones.
#include "tools/rducc/import/onnx/ops/delegate.hpp"
#include "tools/rducc/import/onnx/ops/microsoft/domain.hpp"
#include "tools/rducc/import/onnx/ops/moments.hpp"
#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {
namespace {

std::vector<std::int64_t> axes_from(std::int64_t first, std::int64_t rank) {
  std::vector<std::int64_t> axes;
  for (std::int64_t d = first; d < rank; ++d) axes.push_back(d);
  return axes;
}

void require_vector(const OpCall& call, std::size_t i) {
  if (call.has_input(i) && call.dims(i) != Dims{call.dims(0).back()}) {
    call.invalid("input " + std::to_string(i) + " of shape " + to_text(call.dims(i)) +
                 " for an input of shape " + to_text(call.dims(0)));
  }
}

// x + skip + bias in `compute`; the skip may lack leading dimensions.
ValueId skip_sum(OpCall& call, std::size_t bias, rdu_dtype compute) {
  require_float(call, 0);
  const Dims x = call.dims(0);
  if (x.empty() || ir::broadcast_dims(x, call.dims(1)) != x) {
    call.invalid("a skip of shape " + to_text(call.dims(1)) + " for an input of shape " +
                 to_text(x));
  }
  require_vector(call, 2);
  require_vector(call, bias);
  std::vector<ValueId> terms{call.input(0), call.input(1)};
  if (call.has_input(bias)) terms.push_back(call.input(bias));
  return call.b().elementwise(compute, terms, [=](Body& b, std::span<const Reg> r) {
    Reg sum = b.cast(r[0], compute);
    for (const Reg& term : r.subspan(1)) sum = b.add(sum, b.cast(term, compute));
    b.result(sum);
  });
}

// 1 / sqrt(mean(x * x) + epsilon); x is of the dtype to compute in.
ValueId inverse_rms(ir::Builder& builder, ValueId x, std::span<const std::int64_t> axes,
                    double epsilon) {
  double count = 1;
  for (const std::int64_t axis : axes) {
    count *= static_cast<double>(builder.dims(x)[static_cast<std::size_t>(axis)]);
  }
  const rdu_dtype compute = builder.dtype(x);
  return builder.reduce_axes(
      x, axes, true, RDU_COMBINE_ADD, compute, compute, [](Body& b, Reg v) { return b.mul(v, v); },
      [=](Body& b, Reg sum) {
        const Reg mean = b.div(sum, b.like(sum, count));
        return b.unary(RDU_OP_RSQRT, b.add(mean, b.like(mean, epsilon)));
      });
}

// Inputs: x, skip, gamma, beta, bias. Outputs: y, mean, inverse deviation, x + skip + bias.
void import_skip_layer_norm(OpCall& call) {
  ir::Builder& b = call.b();
  const ValueId sum = skip_sum(call, 4, wide(call.dtype(0)));
  require_vector(call, 3);
  const std::int64_t last = call.rank(0) - 1;
  const Moments m = moments(b, sum, std::span(&last, 1), b.dtype(sum));
  const ValueId inverse = inverse_deviation(b, m.variance, call.attr_f("epsilon", 1e-12F));
  call.set_output(0, scale_shift(b, m.deviation, inverse, call.input(2), input_or_none(call, 3),
                                 call.dtype(0)));
  if (call.wants_output(1)) call.set_output(1, b.cast(m.mean, RDU_DTYPE_F32));
  if (call.wants_output(2)) call.set_output(2, b.cast(inverse, RDU_DTYPE_F32));
  if (call.wants_output(3)) call.set_output(3, b.cast(sum, call.dtype(0)));
}

// Inputs: x, skip, gamma, bias. Outputs as above; there is no mean.
void import_skip_rms_norm(OpCall& call) {
  if (call.wants_output(1)) call.unsupported("output 1 (the mean, which nothing computes)");
  ir::Builder& b = call.b();
  const ValueId sum = skip_sum(call, 3, wide(call.dtype(0)));
  const std::int64_t last = call.rank(0) - 1;
  const ValueId inverse = inverse_rms(b, sum, std::span(&last, 1), call.attr_f("epsilon", 1e-12F));
  call.set_output(0, scale_shift(b, sum, inverse, call.input(2), ir::kNone, call.dtype(0)));
  if (call.wants_output(2)) call.set_output(2, b.cast(inverse, RDU_DTYPE_F32));
  if (call.wants_output(3)) call.set_output(3, b.cast(sum, call.dtype(0)));
}

// Inputs: x, scale, whose element type y has. Outputs: y, inverse root mean square.
void import_rms_norm(OpCall& call) {
  require_float(call, 0);
  require_float(call, 1);
  ir::Builder& b = call.b();
  if (ir::broadcast_dims(call.dims(0), call.dims(1)) != call.dims(0)) {
    call.invalid("a scale of shape " + to_text(call.dims(1)) + " for an input of shape " +
                 to_text(call.dims(0)));
  }
  const rdu_dtype compute = call.dtype(0) == RDU_DTYPE_F64
                                ? RDU_DTYPE_F64
                                : wide(dtype_attr(call, "stash_type", RDU_DTYPE_F32));
  if (!is_float(compute)) call.invalid("attribute stash_type is not a floating-point type");
  const std::int64_t first = normalise_axis(call, call.attr_i("axis", -1), call.rank(0));
  const ValueId x = b.cast(call.input(0), compute);
  const ValueId inverse =
      inverse_rms(b, x, axes_from(first, call.rank(0)), call.attr_f("epsilon", 1e-5F));
  call.set_output(0, scale_shift(b, x, inverse, call.input(1), ir::kNone, call.dtype(1)));
  if (call.wants_output(1)) call.set_output(1, inverse);
}

// ONNX Runtime registers the simplified form in both domains.
constexpr OpEntry kOps[] = {
    {"", "SimplifiedLayerNormalization", 1, import_rms_norm},
    {kMicrosoft, "SimplifiedLayerNormalization", 1, import_rms_norm},
    {kMicrosoft, "SkipLayerNormalization", 1, import_skip_layer_norm},
    {kMicrosoft, "SkipSimplifiedLayerNormalization", 1, import_skip_rms_norm},
};

}  // namespace

std::span<const OpEntry> microsoft_skip_norm_ops() { return kOps; }

}  // namespace rducc::import_onnx
