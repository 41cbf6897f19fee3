// Normalisations: moments over axes, then one map that scales and shifts.
#include <algorithm>
#include <numeric>

#include "tools/rducc/import/onnx/ops/moments.hpp"
#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {
namespace {

// A value per channel (dimension 1) in a shape that broadcasts to x's. A BatchNormalization without
// the attribute spatial, until opset 8, has one per element of a sample.
ValueId per_channel(OpCall& call, std::size_t i) {
  const Dims& x = call.dims(0);
  const bool per_element = call.opset() < 9 && call.attr_i("spatial", 1) == 0;
  if (per_element && !x.empty() && call.dims(i) == Dims(x.begin() + 1, x.end())) {
    return call.input(i);
  }
  if (x.size() < 2 || call.dims(i) != Dims{x[1]}) {
    call.invalid("input " + std::to_string(i) + " of shape " + to_text(call.dims(i)) +
                 " for an input of shape " + to_text(x));
  }
  Dims dims(x.size() - 1, 1);
  dims[0] = x[1];
  return call.b().reshape(call.input(i), dims);
}

// x * factor + offset with factor = scale / sqrt(variance + epsilon), both known when compiling
// wherever the statistics are.
ValueId batch_normalise(OpCall& call, ValueId mean, ValueId variance) {
  ir::Builder& builder = call.b();
  const rdu_dtype dtype = call.dtype(0), acc = wide(dtype);
  const double epsilon = call.attr_f("epsilon", 1e-5F);
  const ValueId scale = per_channel(call, 1), bias = per_channel(call, 2);
  const ValueId factor =
      builder.elementwise(acc, {scale, variance}, [=](Body& b, std::span<const Reg> r) {
        const Reg v = b.cast(r[1], acc);
        b.result(b.div(b.cast(r[0], acc), b.unary(RDU_OP_SQRT, b.add(v, b.like(v, epsilon)))));
      });
  const ValueId offset =
      builder.elementwise(acc, {bias, mean, factor}, [=](Body& b, std::span<const Reg> r) {
        b.result(b.sub(b.cast(r[0], acc), b.mul(b.cast(r[1], acc), r[2])));
      });
  return builder.elementwise(dtype, {call.input(0), factor, offset},
                             [=](Body& b, std::span<const Reg> r) {
                               b.result(b.cast(b.add(b.mul(b.cast(r[0], acc), r[1]), r[2]), dtype));
                             });
}

// running * momentum + batch * (1 - momentum)
void set_running(OpCall& call, std::size_t output, std::size_t input, ValueId batch) {
  if (!call.wants_output(output)) return;
  ir::Builder& builder = call.b();
  const double momentum = call.attr_f("momentum", 0.9F);
  const rdu_dtype dtype = call.dtype(input);
  const ValueId flat = builder.reshape(batch, call.dims(input));
  call.set_output(
      output,
      builder.elementwise(dtype, {call.input(input), flat}, [=](Body& b, std::span<const Reg> r) {
        const Reg old = b.mul(b.cast(r[0], r[1].dtype), b.like(r[1], momentum));
        const Reg now = b.mul(r[1], b.like(r[1], 1 - momentum));
        b.result(b.cast(b.add(old, now), dtype));
      }));
}

void import_batch_norm(OpCall& call) {
  require_float(call, 0);
  const bool training = call.opset() >= 14 && call.attr_i("training_mode", 0) != 0;
  if (!training) {
    for (std::size_t i = 1; i < call.num_outputs(); ++i) {
      if (call.wants_output(i)) call.unsupported("output " + std::to_string(i) + " of training");
    }
    return call.set_output(0, batch_normalise(call, per_channel(call, 3), per_channel(call, 4)));
  }
  std::vector<std::int64_t> axes(call.dims(0).size());
  std::iota(axes.begin(), axes.end(), 0);
  axes.erase(axes.begin() + 1);
  const Moments m = moments(call.b(), call.input(0), axes, wide(call.dtype(0)));
  Dims dims = call.b().dims(m.mean);
  dims.erase(dims.begin());
  const ValueId mean = call.b().reshape(m.mean, dims);
  const ValueId variance = call.b().reshape(m.variance, dims);
  call.set_output(0, batch_normalise(call, mean, variance));
  set_running(call, 1, 3, mean);
  set_running(call, 2, 4, variance);
}

std::vector<std::int64_t> axes_from(std::int64_t first, std::int64_t rank) {
  std::vector<std::int64_t> axes(static_cast<std::size_t>(rank - first));
  std::iota(axes.begin(), axes.end(), first);
  return axes;
}

rdu_dtype stash_dtype(const OpCall& call) {
  const rdu_dtype stash = dtype_attr(call, "stash_type", RDU_DTYPE_F32);
  if (!is_float(stash)) call.invalid("attribute stash_type is not a floating-point type");
  return call.dtype(0) == RDU_DTYPE_F64 ? RDU_DTYPE_F64 : wide(stash);
}

void require_broadcast(const OpCall& call, std::size_t i) {
  if (!call.has_input(i)) return;
  const ir::Shape x = call.shape(0), shape = call.shape(i);
  if (!ir::same_shape(ir::broadcast_shape(x, shape), x)) {
    call.invalid("input " + std::to_string(i) + " of shape " + ir::to_text(shape) +
                 " for an input of shape " + ir::to_text(x));
  }
}

void import_layer_norm(OpCall& call) {
  require_float(call, 0);
  require_broadcast(call, 1);
  require_broadcast(call, 2);
  ir::Builder& builder = call.b();
  const rdu_dtype stash = stash_dtype(call);
  const std::int64_t first = normalise_axis(call, call.attr_i("axis", -1), call.rank(0));
  const Moments m = moments(builder, call.input(0), axes_from(first, call.rank(0)), stash);
  const ValueId inverse = inverse_deviation(builder, m.variance, call.attr_f("epsilon", 1e-5F));
  const ValueId bias = call.has_input(2) ? call.input(2) : ir::kNone;
  call.set_output(0,
                  scale_shift(builder, m.deviation, inverse, call.input(1), bias, call.dtype(0)));
  if (call.wants_output(1)) call.set_output(1, m.mean);
  if (call.wants_output(2)) call.set_output(2, inverse);
}

// x / sqrt(mean(x * x) + epsilon) * scale
void import_rms_norm(OpCall& call) {
  require_float(call, 0);
  require_broadcast(call, 1);
  ir::Builder& builder = call.b();
  const rdu_dtype stash = stash_dtype(call);
  const double epsilon = call.attr_f("epsilon", 1e-5F);
  const std::int64_t first = normalise_axis(call, call.attr_i("axis", -1), call.rank(0));
  const auto axes = axes_from(first, call.rank(0));
  const double count = num_reduced(builder, call.input(0), axes);
  const ValueId x = builder.cast(call.input(0), stash);
  const ValueId inverse = builder.reduce_axes(
      x, axes, true, RDU_COMBINE_ADD, stash, stash, [](Body& b, Reg v) { return b.mul(v, v); },
      [=](Body& b, Reg sum) {
        const Reg mean = b.div(sum, b.like(sum, count));
        return b.unary(RDU_OP_RSQRT, b.add(mean, b.like(mean, epsilon)));
      });
  call.set_output(0, scale_shift(builder, x, inverse, call.input(1), ir::kNone, call.dtype(0)));
}

void import_instance_norm(OpCall& call) {
  require_float(call, 0);
  ir::Builder& builder = call.b();
  const ValueId scale = per_channel(call, 1), bias = per_channel(call, 2);
  const Moments m =
      moments(builder, call.input(0), axes_from(2, call.rank(0)), wide(call.dtype(0)));
  const ValueId inverse = inverse_deviation(builder, m.variance, call.attr_f("epsilon", 1e-5F));
  call.set_output(0, scale_shift(builder, m.deviation, inverse, scale, bias, call.dtype(0)));
}

// Scale and bias are per group at opset 18 and per channel from 21 on.
void import_group_norm(OpCall& call) {
  require_float(call, 0);
  ir::Builder& builder = call.b();
  const Dims x = call.dims(0);
  const std::int64_t groups = call.attr_i("num_groups", 0);
  if (x.size() < 2 || groups < 1 || x[1] % groups) {
    call.invalid("num_groups = " + std::to_string(groups) + " for an input of shape " + to_text(x));
  }
  Dims split{x[0], groups, x[1] / groups};
  split.insert(split.end(), x.begin() + 2, x.end());
  const rdu_dtype acc = wide(call.dtype(0));
  const Moments m = moments(builder, builder.reshape(call.input(0), split),
                            axes_from(2, static_cast<std::int64_t>(split.size())), acc);
  const ValueId inverse = inverse_deviation(builder, m.variance, call.attr_f("epsilon", 1e-5F));
  Dims affine(split.size() - 1, 1);
  affine[0] = groups;
  affine[1] = call.opset() < 21 ? 1 : split[2];
  const ValueId y =
      scale_shift(builder, m.deviation, inverse, builder.reshape(call.input(1), affine),
                  builder.reshape(call.input(2), affine), call.dtype(0));
  call.set_output(0, builder.reshape(y, x));
}

// (x - mean) / sqrt(variance) with the square root guarded as the spec's function does.
void import_mean_variance(OpCall& call) {
  require_float(call, 0);
  ir::Builder& builder = call.b();
  const auto axes = normalise_axes(call, call.attr_ints("axes", {0, 2, 3}), call.rank(0));
  const rdu_dtype dtype = call.dtype(0), acc = wide(dtype);
  const Moments m = moments(builder, call.input(0), axes, acc);
  call.set_output(0, builder.elementwise(
                         dtype, {m.deviation, m.variance}, [=](Body& b, std::span<const Reg> r) {
                           const Reg deviation = b.unary(RDU_OP_SQRT, r[1]);
                           const Reg guarded = b.add(deviation, b.like(deviation, 1e-9));
                           b.result(b.cast(b.div(r[0], guarded), dtype));
                         }));
}

constexpr OpEntry kOps[] = {
    {"", "BatchNormalization", 1, import_batch_norm},
    {"", "GroupNormalization", 18, import_group_norm},
    {"", "InstanceNormalization", 1, import_instance_norm},
    {"", "LayerNormalization", 17, import_layer_norm},
    {"", "MeanVarianceNormalization", 9, import_mean_variance},
    {"", "RMSNormalization", 23, import_rms_norm},
};

}  // namespace

std::span<const OpEntry> normalisation_ops() { return kOps; }

}  // namespace rducc::import_onnx
