// Group normalisation of images whose channels come last, as diffusion models have it.
#include "tools/rducc/import/onnx/ops/activation_body.hpp"
#include "tools/rducc/import/onnx/ops/microsoft/domain.hpp"
#include "tools/rducc/import/onnx/ops/moments.hpp"
#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {
namespace {

// The dimension of the channels, and x with that dimension split into groups.
struct Groups {
  std::size_t channel = 0;
  Dims x, split;
  std::vector<std::int64_t> axes;  // of the split shape: all but the batch and the group
};

Groups read_groups(const OpCall& call) {
  Groups g;
  g.x = call.dims(0);
  const std::int64_t groups = call.attr_i("groups", 0);
  if (g.x.size() < 3) call.invalid("input of shape " + to_text(g.x));
  g.channel = call.attr_i("channels_last", 1) != 0 ? g.x.size() - 1 : 1;
  const std::int64_t channels = g.x[g.channel];
  if (groups < 1 || channels % groups) {
    call.invalid("groups = " + std::to_string(groups) + " for an input of shape " + to_text(g.x));
  }
  g.split = g.x;
  g.split[g.channel] = groups;
  g.split.insert(g.split.begin() + static_cast<std::ptrdiff_t>(g.channel) + 1, channels / groups);
  for (std::size_t d = 1; d < g.split.size(); ++d) {
    if (d != g.channel) g.axes.push_back(static_cast<std::int64_t>(d));
  }
  return g;
}

// One element per channel, in a shape that broadcasts to the split input's.
ValueId per_channel(OpCall& call, std::size_t i, const Groups& g) {
  if (call.dims(i) != Dims{g.x[g.channel]}) {
    call.invalid("input " + std::to_string(i) + " of shape " + to_text(call.dims(i)) +
                 " for an input of shape " + to_text(g.x));
  }
  Dims dims(g.split.size(), 1);
  dims[g.channel] = g.split[g.channel];
  dims[g.channel + 1] = g.split[g.channel + 1];
  return call.b().reshape(call.input(i), dims);
}

void emit_group_norm(OpCall& call, const Groups& g, ValueId split) {
  ir::Builder& builder = call.b();
  const std::int64_t activation = call.attr_i("activation", 0);
  if (activation != 0 && activation != 1) {
    call.invalid("attribute activation = " + std::to_string(activation));
  }
  const rdu_dtype dtype = call.dtype(0), compute = wide(dtype);
  const Moments m = moments(builder, split, g.axes, compute);
  const ValueId inverse = inverse_deviation(builder, m.variance, call.attr_f("epsilon", 1e-5F));
  const ValueId y = scale_shift(builder, m.deviation, inverse, per_channel(call, 1, g),
                                per_channel(call, 2, g), compute);
  const ValueId activated = builder.elementwise(dtype, {y}, [=](Body& b, std::span<const Reg> r) {
    b.result(b.cast(activation == 1 ? b.mul(r[0], sigmoid(b, r[0])) : r[0], dtype));
  });
  call.set_output(0, builder.reshape(activated, g.x));
}

void import_group_norm(OpCall& call) {
  require_float(call, 0);
  const Groups g = read_groups(call);
  emit_group_norm(call, g, call.b().reshape(call.input(0), g.split));
}

// The skip has the input's shape, or one element per channel of a sample.
ValueId skip_operand(OpCall& call, const Groups& g) {
  const Dims skip = call.dims(3);
  if (skip == g.x) return call.input(3);
  Dims per_sample(g.x.size(), 1);
  per_sample[0] = g.x[0];
  per_sample[g.channel] = g.x[g.channel];
  if (skip != per_sample && skip != Dims{g.x[0], g.x[g.channel]}) {
    call.invalid("a skip of shape " + to_text(skip) + " for an input of shape " + to_text(g.x));
  }
  return call.b().reshape(call.input(3), per_sample);
}

// Inputs: x, gamma, beta, skip, bias. Outputs: y, x + skip + bias.
void import_skip_group_norm(OpCall& call) {
  require_float(call, 0);
  ir::Builder& builder = call.b();
  const Groups g = read_groups(call);
  const rdu_dtype compute = wide(call.dtype(0));
  std::vector<ValueId> terms{call.input(0), skip_operand(call, g)};
  if (call.has_input(4)) {
    Dims dims(g.x.size() - g.channel, 1);
    dims[0] = g.x[g.channel];
    if (call.dims(4) != Dims{dims[0]}) call.invalid("bias of shape " + to_text(call.dims(4)));
    terms.push_back(builder.reshape(call.input(4), dims));
  }
  const ValueId sum = builder.elementwise(compute, terms, [=](Body& b, std::span<const Reg> r) {
    Reg total = b.cast(r[0], compute);
    for (const Reg& term : r.subspan(1)) total = b.add(total, b.cast(term, compute));
    b.result(total);
  });
  emit_group_norm(call, g, builder.reshape(sum, g.split));
  if (call.wants_output(1)) call.set_output(1, builder.cast(sum, call.dtype(0)));
}

constexpr OpEntry kOps[] = {
    {kMicrosoft, "GroupNorm", 1, import_group_norm},
    {kMicrosoft, "SkipGroupNorm", 1, import_skip_group_norm},
};

}  // namespace

std::span<const OpEntry> microsoft_group_norm_ops() { return kOps; }

}  // namespace rducc::import_onnx
