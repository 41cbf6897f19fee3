// NonZero and Compress: a filter, then maps over what it kept.
#include "tools/rducc/import/onnx/ops/selection.hpp"

#include <algorithm>

#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {

Kept keep_true(ir::Builder& builder, ValueId mask) {
  const ir::Shape shape = builder.shape(mask);
  const Dims dims = ir::bounds_of(shape);
  Kept kept{};
  kept.count = builder.add_value(RDU_DTYPE_I64, {});
  kept.positions = builder.add_value(RDU_DTYPE_I64, {ir::num_elements(dims)}, {kept.count});
  ir::Node node;
  node.pattern = RDU_PATTERN_FILTER;
  node.loops = ir::loops_over(shape);
  node.num_parallel = static_cast<std::uint32_t>(dims.size());
  node.reads = {builder.read(mask, ir::identity_access(dims.size()))};
  Body body;
  body.result(body.load(0, RDU_DTYPE_BOOL));
  node.body = body.program();
  node.writes = {{kept.positions, {}}, {kept.count, {}}};
  builder.add_node(std::move(node));
  return kept;
}

ir::Loop kept_loop(const ir::Builder& builder, const Kept& kept) {
  const auto& value = builder.value(kept.positions);
  return {value.dims[0], value.dim_values.empty() ? ir::kNone : value.dim_values[0],
          RDU_LOOP_PLAIN};
}

namespace {

ValueId i64_constant(ir::Builder& builder, const std::vector<std::int64_t>& values) {
  const Dims dims{static_cast<std::int64_t>(values.size())};
  return builder.add_constant(
      ir::make_tensor(RDU_DTYPE_I64, dims, std::span<const std::int64_t>(values)));
}

// out[d, k] = (position k / stride d) mod extent d; positions and strides count by the bounds.
void import_non_zero(OpCall& call) {
  ir::Builder& builder = call.b();
  const Dims dims = ir::bounds_of(call.shape(0));
  const ValueId mask = builder.cast(call.input(0), RDU_DTYPE_BOOL);
  const Kept kept = keep_true(builder, mask);
  const ValueId strides = i64_constant(builder, strides_of(dims));
  const ValueId extents = i64_constant(builder, dims);
  const std::vector<ir::Loop> loops{{call.rank(0), ir::kNone, RDU_LOOP_PLAIN},
                                    kept_loop(builder, kept)};
  const std::vector<ir::Read> reads{builder.read(kept.positions, {ir::along(1)}),
                                    builder.read(strides, {ir::along(0)}),
                                    builder.read(extents, {ir::along(0)})};
  call.set_output(0, builder.map(RDU_DTYPE_I64, loops, reads, [](Body& b, std::span<const Reg> r) {
    b.result(b.binary(RDU_OP_REM, b.div(r[0], r[1]), r[2]));
  }));
}

// The condition as far as the axis goes.
ValueId condition_along(OpCall& call, const ir::Extent& axis) {
  const ir::Extent condition = call.b().shape(call.input(1))[0];
  if (ir::same_extent(condition, axis)) return call.input(1);
  if (!condition.is_constant() || !axis.is_constant()) {
    call.unsupported("a condition and an axis that are not known to have one extent");
  }
  const std::int64_t zero = 0, one = 1;
  return call.b().slice(call.input(1), std::span(&zero, 1), std::span(&one, 1),
                        {std::min(condition.bound, axis.bound)});
}

// The slices along an axis (of the flattened input where there is none) that the condition keeps.
void import_compress(OpCall& call) {
  ir::Builder& builder = call.b();
  ValueId x = call.input(0);
  std::size_t axis = 0;
  if (call.has_attr("axis")) {
    axis = static_cast<std::size_t>(normalise_axis(call, call.attr_i("axis", 0), call.rank(0)));
  } else {
    x = builder.reshape(x, {ir::num_elements(call.dims(0))});
  }
  const ir::Shape shape = builder.shape(x);
  if (call.rank(1) != 1 || call.dtype(1) != RDU_DTYPE_BOOL) {
    call.invalid("the condition must be a vector of booleans");
  }
  const Kept kept = keep_true(builder, condition_along(call, shape[axis]));
  std::vector<ir::Loop> loops = ir::loops_over(shape);
  loops[axis] = kept_loop(builder, kept);
  ir::Access access = ir::identity_access(shape.size());
  access[axis] = {};
  access[axis].source = kept.positions;
  access[axis].source_access = {ir::along(static_cast<std::uint32_t>(axis))};
  access[axis].outside = RDU_OUTSIDE_ERROR;
  call.set_output(0, builder.map(builder.dtype(x), loops, {builder.read(x, access)},
                                 [](Body& b, std::span<const Reg> r) { b.result(r[0]); }));
}

constexpr OpEntry kOps[] = {
    {"", "Compress", 9, import_compress},
    {"", "NonZero", 9, import_non_zero},
};

}  // namespace

std::span<const OpEntry> selection_ops() { return kOps; }

}  // namespace rducc::import_onnx
