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
      call.invalid("input " + std::to_string(*seen) + " is of type " +
                   ir::dtype_name(call.dtype(*seen)) + " and input " + std::to_string(i) +
                   " of type " + ir::dtype_name(call.dtype(i)) + " where one type is expected");
    }
    seen = i;
  }
}

ValueId second_operand(OpCall& call) {
  const ValueId value = call.input(1);
  if (call.opset() >= 7) return value;
  ir::Builder& b = call.b();
  if (call.attr_i("broadcast", 0) == 0) {
    if (b.dims(value) != b.dims(call.input(0))) {
      call.invalid("operands of shapes " + to_text(b.dims(call.input(0))) + " and " +
                   to_text(b.dims(value)) + " without the attribute broadcast");
    }
    return value;
  }
  if (!call.has_attr("axis")) return value;
  const std::int64_t axis = normalise_axis(call, call.attr_i("axis", 0), call.rank(0));
  Dims dims = b.dims(value);
  if (axis + call.rank(1) > call.rank(0)) {
    call.invalid("axis = " + std::to_string(axis) + " for an operand of shape " + to_text(dims));
  }
  dims.resize(static_cast<std::size_t>(call.rank(0) - axis), 1);
  return b.reshape(value, dims);
}

void require_float(const OpCall& call, std::size_t i) {
  if (!is_float(call.dtype(i))) {
    call.invalid("input " + std::to_string(i) + " must be of a floating-point type, it is of " +
                 ir::dtype_name(call.dtype(i)));
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

ir::Extent steps_within(ir::Builder& builder, const ir::Affine& span, std::int64_t step) {
  const std::int64_t stride = step < 0 ? -step : step;
  const ir::Interval range = builder.range(span);
  if (range.high <= 0) return {0, ir::kNone};
  if (span.is_constant()) return {(span.constant - 1) / stride + 1, ir::kNone};
  if (stride == 1 && range.low >= 0) return builder.extent(span);
  if (range.high == ir::Interval::kHighest) {
    throw CompileError(CompileErrorKind::kUnsupported, "an extent that nothing bounds");
  }
  const ValueId count =
      builder.map(RDU_DTYPE_I64, Dims{}, {builder.read(builder.integer(span), {})},
                  [stride](Body& b, std::span<const Reg> r) {
                    const Reg whole = b.add(r[0], b.integer(RDU_DTYPE_I64, stride - 1));
                    const Reg steps = b.div(whole, b.integer(RDU_DTYPE_I64, stride));
                    b.result(b.max(steps, b.integer(RDU_DTYPE_I64, 0)));
                  });
  const std::int64_t most = (range.high - 1) / stride + 1;
  builder.limit(count, {0, most});
  return {most, count};
}

std::vector<std::int64_t> strides_of(std::span<const std::int64_t> dims) {
  std::vector<std::int64_t> strides(dims.size(), 1);
  for (std::size_t d = dims.size(); d-- > 1;) strides[d - 1] = strides[d] * dims[d];
  return strides;
}

std::string to_text(std::span<const std::int64_t> dims) {
  std::string text = "[";
  for (std::size_t d = 0; d < dims.size(); ++d) {
    text += (d ? "," : "") + std::to_string(dims[d]);
  }
  return text + "]";
}

}  // namespace rducc::import_onnx
