// Reads quantised operands and writes the arithmetic between integers and the reals they stand for.
#include "tools/rducc/import/onnx/ops/microsoft/quantised_operand.hpp"

#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/ops/quantisation.hpp"

namespace rducc::import_onnx {

std::size_t QuantisedOperands::add(ValueId value) {
  values_.push_back(value);
  return values_.size() - 1;
}

QuantisedOperands::Parameters QuantisedOperands::add_parameters(std::size_t input) {
  const auto add_scalar = [&](std::size_t i) {
    if (ir::num_elements(call_.dims(i)) != 1) {
      call_.invalid("input " + std::to_string(i) + " must be a scalar, its shape is " +
                    to_text(call_.dims(i)));
    }
    return add(call_.b().reshape(call_.input(i), Dims{}));
  };
  Parameters parameters{add_scalar(input), std::nullopt};
  if (!is_float(call_.dtype(input))) {
    call_.invalid("input " + std::to_string(input) + " must be a scale");
  }
  if (call_.has_input(input + 1)) parameters.zero_point = add_scalar(input + 1);
  return parameters;
}

QuantisedOperands::Operand QuantisedOperands::add_operand(std::size_t input) {
  if (!is_integer(call_.dtype(input))) {
    call_.invalid("input " + std::to_string(input) + " must be quantised");
  }
  const std::size_t value = add(call_.input(input));
  return {value, add_parameters(input + 1)};
}

Reg real_value(Body& b, std::span<const Reg> reads, const QuantisedOperands::Operand& operand) {
  Reg x = b.cast(reads[operand.value], RDU_DTYPE_F32);
  if (const auto zero = operand.parameters.zero_point) {
    x = b.sub(x, b.cast(reads[*zero], RDU_DTYPE_F32));
  }
  return b.mul(x, b.cast(reads[operand.parameters.scale], RDU_DTYPE_F32));
}

Reg quantised_value(Body& b, Reg real, std::span<const Reg> reads,
                    const QuantisedOperands::Parameters& parameters, rdu_dtype dtype) {
  const Reg scaled = b.div(real, b.cast(reads[parameters.scale], RDU_DTYPE_F32));
  return requantise(b, scaled, parameters.zero_point ? &reads[*parameters.zero_point] : nullptr,
                    dtype);
}

ValueId dequantised(OpCall& call, std::size_t input) {
  QuantisedOperands operands(call);
  const auto x = operands.add_operand(input);
  return call.b().elementwise(
      RDU_DTYPE_F32, operands.values(),
      [&](Body& b, std::span<const Reg> r) { b.result(real_value(b, r, x)); });
}

ValueId quantised(OpCall& call, ValueId real, std::size_t scale, rdu_dtype dtype) {
  QuantisedOperands operands(call);
  const std::size_t x = operands.add(real);
  const auto y = operands.add_parameters(scale);
  return call.b().elementwise(dtype, operands.values(), [&](Body& b, std::span<const Reg> r) {
    b.result(quantised_value(b, r[x], r, y, dtype));
  });
}

}  // namespace rducc::import_onnx
