// Products with what optimisers fuse into them: transpositions, sums and activations.
#include <algorithm>
#include <numeric>

#include "tools/rducc/import/onnx/ops/activation_body.hpp"
#include "tools/rducc/import/onnx/ops/contraction.hpp"
#include "tools/rducc/import/onnx/ops/delegate.hpp"
#include "tools/rducc/import/onnx/ops/microsoft/channels_last.hpp"
#include "tools/rducc/import/onnx/ops/microsoft/domain.hpp"
#include "tools/rducc/import/onnx/ops/microsoft/fused_activation.hpp"
#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {
namespace {

// Dimension i of the matrix that is multiplied is dimension order[i] of the operand. trans_batch
// brings dimension 0 behind the batch dimensions, trans swaps the last two; vectors stay.
std::vector<std::size_t> matrix_order(std::size_t rank, bool trans, bool trans_batch) {
  std::vector<std::size_t> order(rank);
  std::iota(order.begin(), order.end(), std::size_t{0});
  if (rank < 2) return order;
  if (trans_batch) std::rotate(order.begin(), order.begin() + 1, order.end() - 1);
  if (trans) std::swap(order[rank - 1], order[rank - 2]);
  return order;
}

ir::Shape reordered(const ir::Shape& shape, const std::vector<std::size_t>& order) {
  ir::Shape result;
  for (const std::size_t d : order) result.push_back(shape[d]);
  return result;
}

ir::Access restored(const ir::Access& access, const std::vector<std::size_t>& order) {
  ir::Access result(access.size());
  for (std::size_t i = 0; i < access.size(); ++i) result[order[i]] = access[i];
  return result;
}

// alpha * A · B as one contract that reads the operands where they lie.
ValueId matmul(OpCall& call) {
  require_same_dtype(call, 0, 2);
  ir::Builder& builder = call.b();
  const auto flag = [&](const char* name) { return call.attr_i(name, 0) != 0; };
  const ir::Shape a = call.shape(0), b = call.shape(1);
  const auto order_a = matrix_order(a.size(), flag("transA"), flag("transBatchA"));
  const auto order_b = matrix_order(b.size(), flag("transB"), flag("transBatchB"));
  const MatMulLoops m = matmul_loops(call, reordered(a, order_a), reordered(b, order_b));
  if (m.loops.size() > RDU_MAX_LOOPS) {
    call.unsupported("a product of " + std::to_string(m.loops.size()) + " loops");
  }
  const double alpha = call.attr_f("alpha", 1);
  const rdu_dtype dtype = call.dtype(0), acc = wide(dtype);
  ir::ReduceSpec spec;
  spec.loops = m.loops;
  spec.num_parallel = m.num_parallel;
  spec.reads = {builder.read(call.input(0), restored(m.a_access, order_a)),
                builder.read(call.input(1), restored(m.b_access, order_b))};
  spec.acc_dtype = acc;
  spec.body = product_in(acc);
  spec.epilogue = [=](Body& body, Reg sum, std::span<const Reg>) {
    body.result(body.cast(alpha == 1 ? sum : body.mul(sum, body.like(sum, alpha)), dtype));
  };
  spec.dtype = dtype;
  spec.dims = m.dims;
  return builder.contract(std::move(spec));
}

// The parameters of an activation that are attributes each.
std::vector<double> activation_attributes(const OpCall& call) {
  std::vector<double> parameters;
  for (const char* name : {"activation_alpha", "activation_beta"}) {
    if (call.has_attr(name)) parameters.push_back(call.attr_f(name, 0));
  }
  if (parameters.empty() && call.has_attr("leaky_relu_alpha")) {
    parameters.push_back(call.attr_f("leaky_relu_alpha", 0));
  }
  if (call.attr_s("activation", "") == "Selu" && call.has_attr("activation_gamma")) {
    parameters.resize(2);
    parameters[1] = call.attr_f("activation_gamma", 0);
  }
  return parameters;
}

void import_fused_matmul(OpCall& call) { call.set_output(0, matmul(call)); }

void import_matmul_activation(OpCall& call) {
  call.set_output(0, fused_activation(call, matmul(call), call.attr_s("activation", ""),
                                      activation_attributes(call)));
}

void import_fused_gemm(OpCall& call) {
  const ValueId y = Delegate(call, "Gemm", 13)
                        .inherit()
                        .run({call.input(0), call.input(1), input_or_none(call, 2)});
  call.set_output(
      0, fused_activation(call, y, call.attr_s("activation", ""), activation_attributes(call)));
}

// Inputs: x, w, bias.
void import_gemm_fast_gelu(OpCall& call) {
  ir::Builder& builder = call.b();
  const ValueId y = Delegate(call, "MatMul", 13).run({call.input(0), call.input(1)});
  std::vector<ValueId> operands{y};
  if (call.has_input(2)) operands.push_back(call.input(2));
  const rdu_dtype dtype = call.dtype(0);
  call.set_output(0, builder.elementwise(dtype, operands, [=](Body& b, std::span<const Reg> r) {
    Reg x = b.cast(r[0], wide(dtype));
    if (r.size() > 1) x = b.add(x, b.cast(r[1], wide(dtype)));
    b.result(b.cast(gelu_tanh(b, x), dtype));
  }));
}

// act(Conv(x, w, bias) + z)
ValueId fused_conv(OpCall& call, ValueId x, ValueId z) {
  ir::Builder& builder = call.b();
  ValueId y = Delegate(call, "Conv", 11).inherit().run({x, call.input(1), input_or_none(call, 2)});
  if (z != ir::kNone) {
    if (builder.dims(z) != builder.dims(y) || builder.dtype(z) != builder.dtype(y)) {
      call.invalid("a sum input of shape " + to_text(builder.dims(z)) + " for a result of shape " +
                   to_text(builder.dims(y)));
    }
    y = builder.elementwise(builder.dtype(y), {y, z},
                            [](Body& b, std::span<const Reg> r) { b.result(b.add(r[0], r[1])); });
  }
  return fused_activation(call, y, call.attr_s("activation", ""),
                          call.attr_floats("activation_params"));
}

void import_fused_conv(OpCall& call) {
  call.set_output(0, fused_conv(call, call.input(0), input_or_none(call, 3)));
}

// The same with the channels of x, z and y in the last dimension.
void import_nhwc_fused_conv(OpCall& call) {
  ir::Builder& builder = call.b();
  const auto first = [&](ValueId v) { return channels_first(builder, v); };
  const ValueId z = call.has_input(3) ? first(call.input(3)) : ir::kNone;
  call.set_output(0, channels_last(builder, fused_conv(call, first(call.input(0)), z)));
}

constexpr OpEntry kOps[] = {
    {kMicrosoft, "FusedConv", 1, import_fused_conv},
    {kMicrosoft, "FusedGemm", 1, import_fused_gemm},
    {kMicrosoft, "FusedMatMul", 1, import_fused_matmul},
    {kMicrosoft, "FusedMatMulActivation", 1, import_matmul_activation},
    {kMicrosoft, "GemmFastGelu", 1, import_gemm_fast_gelu},
    {kMicrosoft, "NhwcFusedConv", 1, import_nhwc_fused_conv},
    {kMicrosoft, "TransposeMatMul", 1, import_fused_matmul},
};

}  // namespace

std::span<const OpEntry> microsoft_fused_product_ops() { return kOps; }

}  // namespace rducc::import_onnx
