// Operands that come with a scale and an optional zero point, one of each per tensor.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "tools/rducc/import/onnx/op_call.hpp"

namespace rducc::import_onnx {

// Collects what one map reads. Scales and zero points are brought to rank 0, so that they decide
// nothing about the shape of the result.
class QuantisedOperands {
 public:
  explicit QuantisedOperands(OpCall& call) : call_(call) {}

  struct Parameters {
    std::size_t scale = 0;
    std::optional<std::size_t> zero_point;
  };
  struct Operand {
    std::size_t value = 0;
    Parameters parameters;
  };
  std::size_t add(ValueId value);
  Parameters add_parameters(std::size_t input);  // inputs `input` (scale) and the next
  Operand add_operand(std::size_t input);        // inputs `input` (value) and the next two

  const std::vector<ValueId>& values() const { return values_; }

 private:
  OpCall& call_;
  std::vector<ValueId> values_;
};

// (value - zero point) * scale in F32, of what a map over the operands has read.
Reg real_value(Body& b, std::span<const Reg> reads, const QuantisedOperands::Operand& operand);
// saturate(round(real / scale) + zero point)
Reg quantised_value(Body& b, Reg real, std::span<const Reg> reads,
                    const QuantisedOperands::Parameters& parameters, rdu_dtype dtype);

// Whole tensors: inputs `input` (value), scale, zero point as F32; and F32 to `dtype` with the
// parameters from input `scale` on.
ValueId dequantised(OpCall& call, std::size_t input);
ValueId quantised(OpCall& call, ValueId real, std::size_t scale, rdu_dtype dtype);

}  // namespace rducc::import_onnx
