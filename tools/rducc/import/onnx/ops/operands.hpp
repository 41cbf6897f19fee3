// How operators take their operands: dtype agreement, lists of axes, constants in bodies.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "tools/rducc/import/onnx/op_call.hpp"
#include "tools/rducc/import/onnx/ops/dtypes.hpp"

namespace rducc::import_onnx {

// kInvalid unless all present inputs in [first, end) have one dtype.
void require_same_dtype(const OpCall& call, std::size_t first, std::size_t end);

// Input 1 in a shape that broadcasts to input 0 by numpy's rules. Until opset 6 an operator says by
// its attributes `broadcast` and `axis` whether and from which dimension on it broadcasts.
ValueId second_operand(OpCall& call);

// kInvalid unless the input is of a floating-point dtype.
void require_float(const OpCall& call, std::size_t i);

// The element type that an attribute names; kUnsupported where the graph has none for it.
rdu_dtype dtype_attr(const OpCall& call, std::string_view name, rdu_dtype fallback);

// A list of integers that moved from an attribute to an input: the input where the node has it,
// else the attribute, else nullopt.
std::optional<std::vector<std::int64_t>> ints_from(const OpCall& call, std::size_t input,
                                                   std::string_view attribute,
                                                   std::string_view what);

// Axes in [-rank, rank) → sorted and in [0, rank); kInvalid where one is out of range or named twice.
std::vector<std::int64_t> normalise_axes(const OpCall& call, std::vector<std::int64_t> axes,
                                         std::int64_t rank);

// A scalar that a body needs: an immediate where its value is known, else a further read.
class ScalarOperand {
 public:
  ScalarOperand(OpCall& call, std::size_t input);

  // Appends the read, where one is needed, to a node whose domain is over `reads`.
  void append_to(ir::Builder& builder, std::vector<ir::Read>& reads);
  Reg reg(Body& body, std::span<const Reg> reads) const;
  rdu_dtype dtype() const { return dtype_; }

 private:
  ValueId value_;
  rdu_dtype dtype_;
  std::size_t rank_;
  std::optional<Tensor> constant_;
  std::size_t position_ = 0;
};

// How many positions lie within `span` at a distance of `step` (of either sign) from each other: none
// where the span is not positive. Computed by a node where the builder cannot tell.
ir::Extent steps_within(ir::Builder& builder, const ir::Affine& span, std::int64_t step);

// Extents, pads and steps that a model states are refused beyond this, so that products of two of
// them and a sum with an extent stay in range.
inline constexpr std::int64_t kMostStated = std::int64_t{1} << 30;

// The row-major strides of a tensor, in elements.
std::vector<std::int64_t> strides_of(std::span<const std::int64_t> dims);

// "[2, 3, 4]", for messages.
std::string to_text(std::span<const std::int64_t> dims);

}  // namespace rducc::import_onnx
