// Pools, means and softmax of quantised tensors, rounded once at the end.
#include "tools/rducc/import/onnx/ops/delegate.hpp"
#include "tools/rducc/import/onnx/ops/microsoft/channels_last.hpp"
#include "tools/rducc/import/onnx/ops/microsoft/domain.hpp"
#include "tools/rducc/import/onnx/ops/microsoft/quantised_operand.hpp"
#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/ops/quantisation.hpp"
#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {
namespace {

bool is_channels_last(const OpCall& call) { return call.attr_i("channels_last", 0) != 0; }

// The pool of what x differs from its zero point by: whole numbers, so that the order of a window's
// sum does not decide how a tie rounds.
void import_average_pool(OpCall& call) {
  ir::Builder& builder = call.b();
  const bool last = is_channels_last(call);
  QuantisedOperands operands(call);
  const auto x = operands.add_operand(0);
  ValueId value =
      builder.elementwise(RDU_DTYPE_F32, operands.values(), [&](Body& b, std::span<const Reg> r) {
        const Reg whole = b.cast(r[x.value], RDU_DTYPE_F32);
        const auto zero = x.parameters.zero_point;
        b.result(zero ? b.sub(whole, b.cast(r[*zero], RDU_DTYPE_F32)) : whole);
      });
  if (last) value = channels_first(builder, value);
  value = Delegate(call, "AveragePool", 11).inherit().run({value});
  if (last) value = channels_last(builder, value);
  QuantisedOperands pooled(call);
  pooled.add(value);
  const auto from = pooled.add_parameters(1), to = pooled.add_parameters(3);
  const rdu_dtype dtype = call.dtype(0);
  call.set_output(0,
                  builder.elementwise(dtype, pooled.values(), [&](Body& b, std::span<const Reg> r) {
                    const auto scale = [&](std::size_t i) { return b.cast(r[i], RDU_DTYPE_F32); };
                    const Reg factor = b.div(scale(from.scale), scale(to.scale));
                    b.result(requantise(b, b.mul(r[0], factor),
                                        to.zero_point ? &r[*to.zero_point] : nullptr, dtype));
                  }));
}

// The mean over axes: an integer sum, and one factor for both scales and the count.
void set_mean(OpCall& call, const std::vector<std::int64_t>& axes, bool keep_dims) {
  ir::Builder& builder = call.b();
  constexpr std::int64_t kMostIn32Bits = std::int64_t{1} << 23;  // of 8-bit elements
  std::int64_t count = 1;
  for (const std::int64_t axis : axes) count *= call.dims(0)[static_cast<std::size_t>(axis)];
  const rdu_dtype acc = count <= kMostIn32Bits ? RDU_DTYPE_I32 : RDU_DTYPE_I64;
  QuantisedOperands operands(call);
  operands.add(builder.reduce_axes(call.input(0), axes, keep_dims, RDU_COMBINE_ADD, acc, acc,
                                   [acc](Body& b, Reg x) { return b.cast(x, acc); }));
  const auto x = operands.add_parameters(1), y = operands.add_parameters(3);
  const rdu_dtype dtype = call.dtype(0);
  call.set_output(
      0, builder.elementwise(dtype, operands.values(), [&](Body& b, std::span<const Reg> r) {
        Reg sum = r[0];
        if (x.zero_point) {
          sum = b.sub(sum, b.mul(b.cast(r[*x.zero_point], acc), b.integer(acc, count)));
        }
        const Reg step = b.cast(r[y.scale], RDU_DTYPE_F32);
        const Reg divisor = b.mul(step, b.like(step, static_cast<double>(count)));
        const Reg factor = b.div(b.cast(r[x.scale], RDU_DTYPE_F32), divisor);
        b.result(requantise(b, b.mul(b.cast(sum, RDU_DTYPE_F32), factor),
                            y.zero_point ? &r[*y.zero_point] : nullptr, dtype));
      }));
}

void import_global_average_pool(OpCall& call) {
  const std::int64_t rank = call.rank(0), last = is_channels_last(call) ? rank - 1 : rank;
  if (rank < 3) call.invalid("input of shape " + to_text(call.dims(0)));
  std::vector<std::int64_t> axes;
  for (std::int64_t d = is_channels_last(call) ? 1 : 2; d < last; ++d) axes.push_back(d);
  set_mean(call, axes, true);
}

void import_reduce_mean(OpCall& call) {
  std::vector<std::int64_t> axes = normalise_axes(call, call.attr_ints("axes"), call.rank(0));
  for (std::int64_t d = 0; d < call.rank(0) && !call.has_attr("axes"); ++d) axes.push_back(d);
  set_mean(call, axes, call.attr_i("keepdims", 1) != 0);
}

// The attribute `opset` says which Softmax is meant.
void import_softmax(OpCall& call) {
  const ValueId y = Delegate(call, "Softmax", call.attr_i("opset", 13))
                        .set("axis", call.attr_i("axis", -1))
                        .run({dequantised(call, 0)});
  call.set_output(0, quantised(call, y, 3, call.dtype(0)));
}

// Of integers, without a scale.
void import_nhwc_max_pool(OpCall& call) {
  ir::Builder& b = call.b();
  call.set_output(
      0, channels_last(
             b, Delegate(call, "MaxPool", 12).inherit().run({channels_first(b, call.input(0))})));
}

// Sums of 8-bit integers in 32 bits of the same signedness.
void import_reduce_sum(OpCall& call) {
  const rdu_dtype sum = is_unsigned(call.dtype(0)) ? RDU_DTYPE_U32 : RDU_DTYPE_I32;
  call.set_output(
      0, Delegate(call, "ReduceSum", 11).inherit().run({call.b().cast(call.input(0), sum)}));
}

constexpr OpEntry kOps[] = {
    {kMicrosoft, "NhwcMaxPool", 1, import_nhwc_max_pool},
    {kMicrosoft, "QLinearAveragePool", 1, import_average_pool},
    {kMicrosoft, "QLinearGlobalAveragePool", 1, import_global_average_pool},
    {kMicrosoft, "QLinearReduceMean", 1, import_reduce_mean},
    {kMicrosoft, "QLinearSoftmax", 1, import_softmax},
    {kMicrosoft, "ReduceSumInteger", 1, import_reduce_sum},
};

}  // namespace

std::span<const OpEntry> microsoft_quantised_reduction_ops() { return kOps; }

}  // namespace rducc::import_onnx
