// Elementwise operators between quantised tensors: one map each, from integers to integers.
#include "tools/rducc/import/onnx/ops/activation_body.hpp"
#include "tools/rducc/import/onnx/ops/microsoft/domain.hpp"
#include "tools/rducc/import/onnx/ops/microsoft/quantised_operand.hpp"
#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {
namespace {

// Inputs: a, its scale and zero point; b, the same; the result's scale and zero point.
template <rdu_body_op Op>
void import_binary(OpCall& call) {
  QuantisedOperands operands(call);
  const auto a = operands.add_operand(0), b = operands.add_operand(3);
  const auto y = operands.add_parameters(6);
  const rdu_dtype dtype = call.dtype(0);
  if (call.dtype(3) != dtype) call.invalid("the operands differ in element type");
  call.set_output(
      0, call.b().elementwise(dtype, operands.values(), [&](Body& body, std::span<const Reg> r) {
        const Reg real = body.binary(Op, real_value(body, r, a), real_value(body, r, b));
        body.result(quantised_value(body, real, r, y, dtype));
      }));
}

// Inputs: x, its scale and zero point; the result's scale and zero point.
template <class F>
void import_unary(OpCall& call, F f) {
  QuantisedOperands operands(call);
  const auto x = operands.add_operand(0);
  const auto y = operands.add_parameters(3);
  const rdu_dtype dtype = call.dtype(0);
  call.set_output(
      0, call.b().elementwise(dtype, operands.values(), [&](Body& b, std::span<const Reg> r) {
        b.result(quantised_value(b, f(b, real_value(b, r, x)), r, y, dtype));
      }));
}

void import_sigmoid(OpCall& call) { import_unary(call, sigmoid); }

void import_leaky_relu(OpCall& call) {
  const double alpha = call.attr_f("alpha", 0.01F);
  import_unary(call, [=](Body& b, Reg x) { return leaky_relu(b, x, alpha); });
}

// Inputs: the condition; x and y with their parameters; the result's parameters.
void import_where(OpCall& call) {
  if (call.dtype(0) != RDU_DTYPE_BOOL) call.invalid("the condition must be of type bool");
  QuantisedOperands operands(call);
  const std::size_t condition = operands.add(call.input(0));
  const auto x = operands.add_operand(1), y = operands.add_operand(4);
  const auto z = operands.add_parameters(7);
  const rdu_dtype dtype = call.dtype(1);
  call.set_output(
      0, call.b().elementwise(dtype, operands.values(), [&](Body& b, std::span<const Reg> r) {
        const Reg real = b.select(r[condition], real_value(b, r, x), real_value(b, r, y));
        b.result(quantised_value(b, real, r, z, dtype));
      }));
}

// Inputs: the result's scale and zero point; then each part with its own.
void import_concat(OpCall& call) {
  if (call.num_inputs() < 5 || call.num_inputs() % 3 != 2) {
    call.invalid(std::to_string(call.num_inputs()) + " inputs");
  }
  ir::Builder& builder = call.b();
  const rdu_dtype dtype = call.dtype(1);
  const std::int64_t axis = normalise_axis(call, call.attr_i("axis", 0), call.rank(2));
  std::vector<ValueId> parts;
  for (std::size_t i = 2; i < call.num_inputs(); i += 3) {
    Dims expected = call.dims(2);
    if (call.rank(i) == call.rank(2)) {
      expected[static_cast<std::size_t>(axis)] = call.dims(i)[static_cast<std::size_t>(axis)];
    }
    if (call.dims(i) != expected) {
      call.invalid("inputs of shapes " + to_text(call.dims(2)) + " and " + to_text(call.dims(i)) +
                   " along axis " + std::to_string(axis));
    }
    QuantisedOperands operands(call);
    const auto x = operands.add_operand(i);
    const auto y = operands.add_parameters(0);
    parts.push_back(
        builder.elementwise(dtype, operands.values(), [&](Body& b, std::span<const Reg> r) {
          b.result(quantised_value(b, real_value(b, r, x), r, y, dtype));
        }));
  }
  call.set_output(0, builder.concat(parts, axis));
}

// (a - a_zero) * (b - b_zero) in I32. Inputs: a, a_zero, b, b_zero.
void import_mul_integer(OpCall& call) {
  std::vector<ValueId> operands{call.input(0), call.input(2)};
  for (const std::size_t zero : {1, 3}) {
    operands.push_back(call.has_input(zero) ? call.b().reshape(call.input(zero), Dims{})
                                            : call.b().scalar(call.dtype(zero == 1 ? 0 : 2), 0));
  }
  call.set_output(
      0, call.b().elementwise(RDU_DTYPE_I32, operands, [](Body& b, std::span<const Reg> r) {
        const auto wide_value = [&](std::size_t i) {
          return b.sub(b.cast(r[i], RDU_DTYPE_I32), b.cast(r[i + 2], RDU_DTYPE_I32));
        };
        b.result(b.mul(wide_value(0), wide_value(1)));
      }));
}

constexpr OpEntry kOps[] = {
    {kMicrosoft, "MulInteger", 1, import_mul_integer},
    {kMicrosoft, "QLinearAdd", 1, import_binary<RDU_OP_ADD>},
    {kMicrosoft, "QLinearConcat", 1, import_concat},
    {kMicrosoft, "QLinearLeakyRelu", 1, import_leaky_relu},
    {kMicrosoft, "QLinearMul", 1, import_binary<RDU_OP_MUL>},
    {kMicrosoft, "QLinearSigmoid", 1, import_sigmoid},
    {kMicrosoft, "QLinearWhere", 1, import_where},
};

}  // namespace

std::span<const OpEntry> microsoft_quantised_map_ops() { return kOps; }

}  // namespace rducc::import_onnx
