// Integer products whose sums become reals, or integers again, in the epilogue.
#include "tools/rducc/import/onnx/ops/delegate.hpp"
#include "tools/rducc/import/onnx/ops/microsoft/channels_last.hpp"
#include "tools/rducc/import/onnx/ops/microsoft/domain.hpp"
#include "tools/rducc/import/onnx/ops/microsoft/quantised_operand.hpp"
#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {
namespace {

// One scale per tensor, or one per column.
void require_scale(const OpCall& call, std::size_t i, std::int64_t columns) {
  const Dims dims = call.dims(i);
  if (ir::num_elements(dims) != 1 && (dims.empty() || dims.back() != columns)) {
    call.invalid("input " + std::to_string(i) + " of shape " + to_text(dims) + " for " +
                 std::to_string(columns) + " columns");
  }
}

ValueId as_scalar(ir::Builder& b, ValueId value) {
  return ir::num_elements(b.dims(value)) == 1 ? b.reshape(value, Dims{}) : value;
}

// sum * (a_scale * b_scale) + bias
ValueId to_real(OpCall& call, ValueId sum, ValueId a_scale, std::size_t b_scale, std::size_t bias) {
  ir::Builder& builder = call.b();
  const std::int64_t columns = builder.dims(sum).empty() ? 1 : builder.dims(sum).back();
  require_scale(call, b_scale, columns);
  std::vector<ValueId> operands{sum, a_scale, as_scalar(builder, call.input(b_scale))};
  if (call.has_input(bias)) {
    if (call.dims(bias) != Dims{columns}) {
      call.invalid("bias of shape " + to_text(call.dims(bias)) + " for " + std::to_string(columns) +
                   " columns");
    }
    operands.push_back(call.input(bias));
  }
  const rdu_dtype dtype = call.dtype(b_scale);
  return builder.elementwise(dtype, operands, [=](Body& b, std::span<const Reg> r) {
    const auto real = [&](std::size_t i) { return b.cast(r[i], RDU_DTYPE_F32); };
    Reg y = b.mul(real(0), b.mul(real(1), real(2)));
    if (r.size() > 3) y = b.add(y, real(3));
    b.result(b.cast(y, dtype));
  });
}

// Inputs: a, b, a_scale, b_scale, a_zero, b_zero, bias.
void import_matmul_to_float(OpCall& call) {
  if (ir::num_elements(call.dims(2)) != 1) {
    call.unsupported("a scale of A of shape " + to_text(call.dims(2)));
  }
  const ValueId sum =
      Delegate(call, "MatMulInteger", 10)
          .run({call.input(0), call.input(1), input_or_none(call, 4), input_or_none(call, 5)});
  call.set_output(0, to_real(call, sum, as_scalar(call.b(), call.input(2)), 3, 6));
}

// A is quantised to U8 by the range that it has. Inputs: a, b, b_scale, b_zero, bias.
void import_dynamic_matmul(OpCall& call) {
  const std::vector<ValueId> operands{call.input(0)};
  const auto a = Delegate(call, "DynamicQuantizeLinear", 11).run(operands, 3);
  const ValueId sum =
      Delegate(call, "MatMulInteger", 10).run({a[0], call.input(1), a[2], input_or_none(call, 3)});
  call.set_output(0, to_real(call, sum, a[1], 2, 4));
}

ValueId transposed(ir::Builder& b, ValueId x) {
  const std::int64_t perm[] = {1, 0};
  return b.transpose(x, perm);
}

// alpha * a_scale * b_scale * (A · B + C), quantised where the result has a scale.
// Inputs: a, a_scale, a_zero, b, b_scale, b_zero, c, y_scale, y_zero.
void import_gemm(OpCall& call) {
  ir::Builder& builder = call.b();
  if (call.rank(0) != 2 || call.rank(3) != 2) {
    call.invalid("operands of shapes " + to_text(call.dims(0)) + " and " + to_text(call.dims(3)));
  }
  const auto matrix = [&](std::size_t i, const char* flag) {
    const bool trans = call.attr_i(flag, 0) != 0;
    return trans ? transposed(builder, call.input(i)) : call.input(i);
  };
  const ValueId sum = Delegate(call, "MatMulInteger", 10)
                          .run({matrix(0, "transA"), matrix(3, "transB"), input_or_none(call, 2),
                                input_or_none(call, 5)});
  const Dims dims = builder.dims(sum);
  require_scale(call, 4, dims[1]);
  QuantisedOperands operands(call);
  operands.add(sum);
  operands.add(as_scalar(builder, call.input(1)));
  operands.add(as_scalar(builder, call.input(4)));
  const bool biased = call.has_input(6), rounded = call.has_input(7);
  if (biased) {
    if (ir::broadcast_dims(dims, call.dims(6)) != dims) {
      call.invalid("C of shape " + to_text(call.dims(6)) + " for a result of " + to_text(dims));
    }
    operands.add(call.input(6));
  }
  const auto y =
      rounded ? operands.add_parameters(7) : QuantisedOperands::Parameters{0, std::nullopt};
  const rdu_dtype dtype =
      !rounded ? RDU_DTYPE_F32 : (call.has_input(8) ? call.dtype(8) : RDU_DTYPE_U8);
  const double alpha = call.attr_f("alpha", 1);
  call.set_output(
      0, builder.elementwise(dtype, operands.values(), [&](Body& b, std::span<const Reg> r) {
        const Reg total = biased ? b.add(r[0], r[3]) : r[0];
        Reg scale = b.mul(r[1], r[2]);
        if (alpha != 1) scale = b.mul(scale, b.like(scale, alpha));
        const Reg real = b.mul(b.cast(total, RDU_DTYPE_F32), scale);
        b.result(rounded ? quantised_value(b, real, r, y, dtype) : real);
      }));
}

// One of two equal parts along dimension 0, without it.
ValueId half_of(ir::Builder& b, ValueId stack, std::int64_t part) {
  Dims dims = b.dims(stack);
  dims[0] = 1;
  std::vector<std::int64_t> starts(dims.size(), 0);
  starts[0] = part;
  const std::vector<std::int64_t> steps(dims.size(), 1);
  const ValueId half = b.slice(stack, starts, steps, dims);
  return b.reshape(half, Dims(dims.begin() + 1, dims.end()));
}

// The queries, keys and values of all heads are one integer product; the rest is attention on
// reals. Inputs: x, weights, bias, x_scale, weight_scale, mask, x_zero, weight_zero, past.
void import_attention(OpCall& call) {
  ir::Builder& b = call.b();
  if (call.attr_i("do_rotary", 0) != 0) call.unsupported("attribute do_rotary = 1");
  if (call.attr_i("past_present_share_buffer", 0) != 0) {
    call.unsupported("attribute past_present_share_buffer = 1");
  }
  if (call.rank(0) != 3 || call.rank(1) != 2 || call.dims(1)[1] % 3 != 0) {
    call.invalid("input of shape " + to_text(call.dims(0)) + " and weights of shape " +
                 to_text(call.dims(1)));
  }
  const ValueId sum =
      Delegate(call, "MatMulInteger", 10)
          .run({call.input(0), call.input(1), input_or_none(call, 6), input_or_none(call, 7)});
  const ValueId projected = to_real(call, sum, as_scalar(b, call.input(3)), 4, 2);
  Dims part = b.dims(projected);
  part[2] /= 3;
  std::vector<ValueId> operands;
  for (std::int64_t i = 0; i < 3; ++i) {
    const std::int64_t starts[] = {0, 0, i * part[2]}, steps[] = {1, 1, 1};
    operands.push_back(b.slice(projected, starts, steps, part));
  }
  const bool past = call.has_input(8), present = call.wants_output(1);
  if (past && (call.rank(8) != 5 || call.dims(8)[0] != 2)) {
    call.invalid("past of shape " + to_text(call.dims(8)));
  }
  operands.insert(operands.end(), {ir::kNone, input_or_none(call, 5), ir::kNone});
  for (std::int64_t i = 0; past && i < 2; ++i) {
    operands.push_back(half_of(b, call.input(8), i));
  }
  const std::vector<ValueId> results =
      Delegate(call, "MultiHeadAttention", 1, kMicrosoft).inherit().run(operands, present ? 3 : 1);
  call.set_output(0, results[0]);
  if (!present) return;
  std::vector<ValueId> stack;
  for (const std::size_t i : {1, 2}) {
    Dims dims = b.dims(results[i]);
    dims.insert(dims.begin(), 1);
    stack.push_back(b.reshape(results[i], dims));
  }
  call.set_output(1, b.concat(stack, 0));
}

// That of ai.onnx, or the same with the channels of x and y in the last dimension.
void import_conv(OpCall& call) {
  ir::Builder& b = call.b();
  const bool last = call.attr_i("channels_last", 0) != 0;
  std::vector<ValueId> operands{last ? channels_first(b, call.input(0)) : call.input(0)};
  for (std::size_t i = 1; i < 9; ++i) operands.push_back(input_or_none(call, i));
  const ValueId y = Delegate(call, "QLinearConv", 10).inherit().run(operands, 1)[0];
  call.set_output(0, last ? channels_last(b, y) : y);
}

constexpr OpEntry kOps[] = {
    {kMicrosoft, "DynamicQuantizeMatMul", 1, import_dynamic_matmul},
    {kMicrosoft, "MatMulIntegerToFloat", 1, import_matmul_to_float},
    {kMicrosoft, "QAttention", 1, import_attention},
    {kMicrosoft, "QGemm", 1, import_gemm},
    {kMicrosoft, "QLinearConv", 1, import_conv},
};

}  // namespace

std::span<const OpEntry> microsoft_quantised_product_ops() { return kOps; }

}  // namespace rducc::import_onnx
