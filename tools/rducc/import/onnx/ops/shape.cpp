// Shapes as values, constants and sequences: mostly folded away before the graph is written.
#include <algorithm>
#include <cmath>

#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {
namespace {

ValueId i64_vector(OpCall& call, const std::vector<std::int64_t>& values) {
  const Dims dims{static_cast<std::int64_t>(values.size())};
  return call.b().add_constant(
      ir::make_tensor(RDU_DTYPE_I64, dims, std::span<const std::int64_t>(values)));
}

// One number per dimension; those that a run decides are copied from their scalars.
ValueId extent_vector(OpCall& call, std::span<const ir::Extent> shape) {
  if (ir::is_constant(shape)) return i64_vector(call, ir::bounds_of(shape));
  std::vector<ValueId> parts;
  for (const ir::Extent& extent : shape) {
    parts.push_back(extent.is_constant() ? i64_vector(call, {extent.bound})
                                         : call.b().reshape(extent.value, {1}));
  }
  return call.b().concat(parts, 0);
}

void import_shape(OpCall& call) {
  const std::int64_t rank = call.rank(0);
  const auto bound = [rank](std::int64_t at) {
    return std::clamp<std::int64_t>(at < 0 ? at + rank : at, 0, rank);
  };
  const std::int64_t start = bound(call.attr_i("start", 0));
  const std::int64_t end = std::max(start, bound(call.attr_i("end", rank)));
  const ir::Shape shape = call.shape(0);
  const auto first = shape.begin() + static_cast<std::ptrdiff_t>(start);
  call.set_output(0, extent_vector(call, {first, static_cast<std::size_t>(end - start)}));
}

void import_size(OpCall& call) {
  const ir::Shape shape = call.shape(0);
  if (!ir::is_constant(shape)) return call.set_output(0, call.b().element_count(shape));
  const std::int64_t size = ir::num_elements(ir::bounds_of(shape));
  call.set_output(0, call.b().add_constant(ir::make_tensor(
                         RDU_DTYPE_I64, {}, std::span<const std::int64_t>(&size, 1))));
}

void import_constant(OpCall& call) {
  ir::Builder& b = call.b();
  if (const auto tensor = call.attr_tensor("value")) {
    return call.set_output(0, b.add_constant(*tensor));
  }
  if (call.has_attr("value_float")) {
    return call.set_output(0, b.scalar(RDU_DTYPE_F32, call.attr_f("value_float", 0)));
  }
  if (call.has_attr("value_floats")) {
    const std::vector<double> values = call.attr_floats("value_floats");
    const Dims dims{static_cast<std::int64_t>(values.size())};
    return call.set_output(
        0, b.add_constant(ir::make_tensor(RDU_DTYPE_F32, dims, std::span<const double>(values))));
  }
  if (call.has_attr("value_int")) {
    const std::int64_t value = call.attr_i("value_int", 0);
    return call.set_output(0, b.add_constant(ir::make_tensor(
                                  RDU_DTYPE_I64, {}, std::span<const std::int64_t>(&value, 1))));
  }
  if (call.has_attr("value_ints")) {
    return call.set_output(0, i64_vector(call, call.attr_ints("value_ints")));
  }
  for (const char* name : {"sparse_value", "value_string", "value_strings"}) {
    if (call.has_attr(name)) call.unsupported(std::string("attribute ") + name);
  }
  call.invalid("has no value");
}

void import_constant_of_shape(OpCall& call) {
  ir::Builder& b = call.b();
  ir::Shape shape;
  for (const ir::Affine& size : call.required_integers(0, "the shape")) {
    shape.push_back(b.extent(size));
  }
  const auto value = call.attr_tensor("value");
  const ValueId element = value ? b.add_constant(*value) : b.scalar(RDU_DTYPE_F32, 0);
  if (ir::num_elements(b.dims(element)) != 1) call.invalid("attribute value is not one element");
  call.set_output(0, b.expand_to(b.reshape(element, {}), shape));
}

// The number of steps, computed as the spec does: in floating point for floats, exactly for integers.
std::int64_t range_length(const OpCall& call, const Tensor& start, const Tensor& limit,
                          const Tensor& delta) {
  if (is_float(start.dtype)) {
    const double step = delta.to_f64()[0];
    if (step == 0) call.invalid("delta is 0");
    const double length = std::ceil((limit.to_f64()[0] - start.to_f64()[0]) / step);
    if (!(length < 9e15)) call.invalid("the range has " + std::to_string(length) + " elements");
    return std::max<std::int64_t>(0, static_cast<std::int64_t>(length));
  }
  const std::int64_t step = delta.to_i64()[0];
  if (step == 0) call.invalid("delta is 0");
  std::int64_t span = 0;
  if (__builtin_sub_overflow(limit.to_i64()[0], start.to_i64()[0], &span)) {
    call.invalid("the range is too long");
  }
  if (step == -1) return std::max<std::int64_t>(0, span < 0 ? -(span + 1) + 1 : 0);
  return std::max<std::int64_t>(0, span / step + (span % step != 0 && (span < 0) == (step < 0)));
}

void import_known_range(OpCall& call) {
  const Tensor start = call.required_constant(0, "the start");
  const Tensor limit = call.required_constant(1, "the limit");
  const Tensor delta = call.required_constant(2, "the delta");
  const std::int64_t length = range_length(call, start, limit, delta);
  const rdu_dtype dtype = call.dtype(0);
  call.set_output(0, call.b().map(dtype, Dims{length}, {}, [&](Body& b, std::span<const Reg>) {
    const auto known = [&](const Tensor& t) {
      return is_float(dtype) ? b.constant(dtype, t.to_f64()[0]) : b.integer(dtype, t.to_i64()[0]);
    };
    b.result(b.add(known(start), b.mul(b.cast(b.index(0), dtype), known(delta))));
  }));
}

// From one run-time extent to another: as many positions as lie between, none where they cross.
void import_range(OpCall& call) {
  require_same_dtype(call, 0, 3);
  for (std::size_t i = 0; i < 3; ++i) {
    if (ir::num_elements(call.dims(i)) != 1) call.invalid("an input is not a scalar");
  }
  const rdu_dtype dtype = call.dtype(0);
  const bool known = call.constant(0) && call.constant(1);
  if (known || (dtype != RDU_DTYPE_I64 && dtype != RDU_DTYPE_I32)) return import_known_range(call);
  const ir::Affine start = call.required_integers(0, "the start")[0];
  const ir::Affine limit = call.required_integers(1, "the limit")[0];
  const std::int64_t delta = call.required_constant(2, "the delta").to_i64()[0];
  if (delta == 0) call.invalid("delta is 0");
  ir::Builder& b = call.b();
  const auto span = delta > 0 ? ir::difference(limit, start) : ir::difference(start, limit);
  if (!span) call.invalid("the range is too long");
  const std::vector<ir::Extent> length{steps_within(b, *span, delta)};
  const ValueId first = b.integer(start);
  call.set_output(
      0, b.map(dtype, length, {b.read(first, {})}, [&](Body& body, std::span<const Reg> r) {
        const Reg step = body.integer(RDU_DTYPE_I64, delta);
        const Reg distance = body.mul(body.index(0), step);
        body.result(body.cast(body.add(r[0], distance), dtype));
      }));
}

void import_identity(OpCall& call) { call.set_output(0, call.meaning(0)); }

constexpr OpEntry kOps[] = {
    {"", "Constant", 1, import_constant}, {"", "ConstantOfShape", 9, import_constant_of_shape},
    {"", "Identity", 1, import_identity}, {"", "Range", 11, import_range},
    {"", "Shape", 1, import_shape},       {"", "Size", 1, import_size},
};

}  // namespace

std::span<const OpEntry> shape_ops() { return kOps; }

}  // namespace rducc::import_onnx
