// Mean, deviation and variance as reductions and maps.
#include "tools/rducc/import/onnx/ops/moments.hpp"

#include "tools/rducc/ir/error.hpp"

namespace rducc::import_onnx {

using ir::Body;
using ir::Reg;
using ir::ValueId;

double num_reduced(ir::Builder& builder, ValueId x, std::span<const std::int64_t> axes) {
  const ir::Shape shape = builder.shape(x);
  double count = 1;
  for (const std::int64_t axis : axes) {
    const ir::Extent& extent = shape[static_cast<std::size_t>(axis)];
    if (!extent.is_constant()) {
      throw CompileError(CompileErrorKind::kUnsupported,
                         "moments over a dimension of run-time extent");
    }
    count *= static_cast<double>(extent.bound);
  }
  return count;
}

Moments moments(ir::Builder& builder, ValueId x, std::span<const std::int64_t> axes,
                rdu_dtype compute) {
  const double count = num_reduced(builder, x, axes);
  const auto over_count = [count](Body& b, Reg sum) { return b.div(sum, b.like(sum, count)); };
  Moments m{};
  m.mean = builder.reduce_axes(
      x, axes, true, RDU_COMBINE_ADD, compute, compute,
      [compute](Body& b, Reg v) { return b.cast(v, compute); }, over_count);
  m.deviation = builder.elementwise(
      compute, {x, m.mean},
      [compute](Body& b, std::span<const Reg> r) { b.result(b.sub(b.cast(r[0], compute), r[1])); });
  m.variance = builder.reduce_axes(
      m.deviation, axes, true, RDU_COMBINE_ADD, compute, compute,
      [](Body& b, Reg d) { return b.mul(d, d); }, over_count);
  return m;
}

ValueId inverse_deviation(ir::Builder& builder, ValueId variance, double epsilon) {
  return builder.elementwise(builder.dtype(variance), {variance},
                             [epsilon](Body& b, std::span<const Reg> r) {
                               b.result(b.unary(RDU_OP_RSQRT, b.add(r[0], b.like(r[0], epsilon))));
                             });
}

ValueId scale_shift(ir::Builder& builder, ValueId deviation, ValueId inverse, ValueId scale,
                    ValueId bias, rdu_dtype dtype) {
  const bool scaled = scale != ir::kNone, shifted = bias != ir::kNone;
  std::vector<ValueId> operands{deviation, inverse};
  if (scaled) operands.push_back(scale);
  if (shifted) operands.push_back(bias);
  return builder.elementwise(dtype, operands, [=](Body& b, std::span<const Reg> r) {
    Reg y = b.mul(r[0], r[1]);
    if (scaled) y = b.mul(y, b.cast(r[2], y.dtype));
    if (shifted) y = b.add(y, b.cast(r.back(), y.dtype));
    b.result(b.cast(y, dtype));
  });
}

}  // namespace rducc::import_onnx
