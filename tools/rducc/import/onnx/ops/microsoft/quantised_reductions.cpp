// Pooling, means and softmax of quantised tensors: the operator on reals between two roundings,
// which fusion puts into its nodes.
#include "tools/rducc/import/onnx/ops/delegate.hpp"
#include "tools/rducc/import/onnx/ops/microsoft/channels_last.hpp"
#include "tools/rducc/import/onnx/ops/microsoft/domain.hpp"
#include "tools/rducc/import/onnx/ops/microsoft/quantised_operand.hpp"
#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {
namespace {

bool is_channels_last(const OpCall& call) { return call.attr_i("channels_last", 0) != 0; }

// Inputs: x, its scale and zero point; the result's scale and zero point.
template <class F>
void on_reals(OpCall& call, F f) {
  ir::Builder& b = call.b();
  const bool last = is_channels_last(call);
  ValueId x = dequantised(call, 0);
  if (last) x = channels_first(b, x);
  ValueId y = f(x);
  if (last) y = channels_last(b, y);
  call.set_output(0, quantised(call, y, 3, call.dtype(0)));
}

void import_average_pool(OpCall& call) {
  on_reals(call, [&](ValueId x) { return Delegate(call, "AveragePool", 11).inherit().run({x}); });
}

void import_global_average_pool(OpCall& call) {
  on_reals(call, [&](ValueId x) { return Delegate(call, "GlobalAveragePool", 1).run({x}); });
}

void import_reduce_mean(OpCall& call) {
  on_reals(call, [&](ValueId x) { return Delegate(call, "ReduceMean", 13).inherit().run({x}); });
}

// The attribute `opset` says which Softmax is meant.
void import_softmax(OpCall& call) {
  on_reals(call, [&](ValueId x) {
    return Delegate(call, "Softmax", call.attr_i("opset", 13))
        .set("axis", call.attr_i("axis", -1))
        .run({x});
  });
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
