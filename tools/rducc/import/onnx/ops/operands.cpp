// What the operators of all families share about their operands.
#include "tools/rducc/import/onnx/ops/operands.hpp"

#include <algorithm>

#include "tools/rducc/import/onnx/load_model.hpp"

namespace rducc::import_onnx {

rdu_dtype dtype_attr(const OpCall& call, std::string_view name, rdu_dtype fallback) {
  if (!call.has_attr(name)) return fallback;
  const auto element_type = static_cast<std::int32_t>(call.attr_i(name, 0));
  const rdu_dtype dtype = to_dtype(element_type);
  if (dtype == RDU_DTYPE_NONE) {
    call.unsupported("attribute " + std::string(name) + " = " + onnx_type_name(element_type));
  }
  return dtype;
}

void require_same_dtype(const OpCall& call, std::size_t first, std::size_t end) {
  std::optional<std::size_t> seen;
  for (std::size_t i = first; i < std::min(end, call.num_inputs()); ++i) {
    if (!call.has_input(i)) continue;
    if (seen && call.dtype(i) != call.dtype(*seen)) {
      call.invalid("inputs " + std::to_string(*seen) + " and " + std::to_string(i) +
                   " have different element types");
    }
    seen = i;
  }
}

void require_float(const OpCall& call, std::size_t i) {
  if (!is_float(call.dtype(i))) {
    call.invalid("input " + std::to_string(i) + " must be of a floating-point type");
  }
}

std::optional<std::vector<std::int64_t>> ints_from(const OpCall& call, std::size_t input,
                                                   std::string_view attribute,
                                                   std::string_view what) {
  if (call.has_input(input)) return call.required_constant(input, what).to_i64();
  if (call.has_attr(attribute)) return call.attr_ints(attribute);
  return std::nullopt;
}

std::vector<std::int64_t> normalise_axes(const OpCall& call, std::vector<std::int64_t> axes,
                                         std::int64_t rank) {
  for (std::int64_t& axis : axes) axis = normalise_axis(call, axis, rank);
  std::sort(axes.begin(), axes.end());
  const auto twice = std::adjacent_find(axes.begin(), axes.end());
  if (twice != axes.end()) call.invalid("axis " + std::to_string(*twice) + " is named twice");
  return axes;
}

ScalarOperand::ScalarOperand(OpCall& call, std::size_t input)
    : value_(call.input(input)),
      dtype_(call.dtype(input)),
      rank_(call.dims(input).size()),
      constant_(call.constant(input)) {
  if (ir::num_elements(call.dims(input)) != 1) {
    call.invalid("input " + std::to_string(input) + " must be a scalar, its shape is " +
                 to_text(call.dims(input)));
  }
}

void ScalarOperand::append_to(ir::Builder& builder, std::vector<ir::Read>& reads) {
  if (constant_) return;
  position_ = reads.size();
  reads.push_back(builder.read(value_, ir::Access(rank_, ir::at(0))));
}

Reg ScalarOperand::reg(Body& body, std::span<const Reg> reads) const {
  if (!constant_) return reads[position_];
  if (is_float(dtype_)) return body.constant(dtype_, constant_->to_f64()[0]);
  return body.integer(dtype_, constant_->to_i64()[0]);
}

std::vector<std::int64_t> strides_of(std::span<const std::int64_t> dims) {
  std::vector<std::int64_t> strides(dims.size(), 1);
  for (std::size_t d = dims.size(); d-- > 1;) strides[d - 1] = strides[d] * dims[d];
  return strides;
}

std::string to_text(std::span<const std::int64_t> dims) {
  std::string text = "[";
  for (std::size_t d = 0; d < dims.size(); ++d) {
    text += (d ? ", " : "") + std::to_string(dims[d]);
  }
  return text + "]";
}

}  // namespace rducc::import_onnx
