// Quantised tensors: to and from integers, per tensor, per axis and per block.
#include "tools/rducc/import/onnx/ops/quantisation.hpp"

#include <algorithm>

#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {

Reg requantise(Body& b, Reg scaled, const Reg* zero_point, rdu_dtype dtype) {
  Reg y = b.unary(RDU_OP_ROUND, scaled);
  if (zero_point) y = b.add(y, b.cast(*zero_point, y.dtype));
  const IntegerRange range = integer_range(dtype);
  y = b.max(y, b.like(y, static_cast<double>(range.lowest)));
  return b.cast(b.min(y, b.like(y, static_cast<double>(range.highest))), dtype);
}

namespace {

// Where a scale or zero point of `dims` lies for an element of x: one for all, one along `axis`,
// or one per block along it.
ir::Access parameter_access(const OpCall& call, const Dims& dims) {
  const Dims x = call.dims(0);
  if (ir::num_elements(dims) == 1 && dims.size() <= 1) return ir::Access(dims.size(), ir::at(0));
  const std::int64_t axis = normalise_axis(call, call.attr_i("axis", 1), call.rank(0));
  const auto at = static_cast<std::size_t>(axis);
  if (dims.size() == 1 && dims[0] == x[at]) return {ir::along(static_cast<std::uint32_t>(at))};
  const std::int64_t block = call.attr_i("block_size", 0);
  Dims blocks = x;
  if (block > 0 && block <= kMostStated) blocks[at] = (x[at] + block - 1) / block;
  if (block <= 0 || dims != blocks) {
    call.invalid("scale of shape " + to_text(dims) + " for an input of shape " + to_text(x) +
                 ", axis " + std::to_string(axis) + ", block_size " + std::to_string(block));
  }
  ir::Access access = ir::identity_access(x.size());
  access[at].div = block;
  return access;
}

std::vector<ir::Read> quantised_reads(OpCall& call) {
  ir::Builder& builder = call.b();
  std::vector<ir::Read> reads{
      builder.read(call.input(0), ir::identity_access(call.dims(0).size()))};
  for (const std::size_t i : {1, 2}) {
    if (!call.has_input(i)) continue;
    if (ir::num_elements(call.dims(i)) != ir::num_elements(call.dims(1))) {
      call.invalid("scale of shape " + to_text(call.dims(1)) + " and zero point of shape " +
                   to_text(call.dims(i)));
    }
    reads.push_back(builder.read(call.input(i), parameter_access(call, call.dims(i))));
  }
  return reads;
}

// saturate(round(x / scale) + zero_point)
void import_quantize(OpCall& call) {
  rdu_dtype dtype = call.has_input(2) ? call.dtype(2) : RDU_DTYPE_U8;
  if (call.attr_i("output_dtype", 0) != 0) dtype = dtype_attr(call, "output_dtype", dtype);
  if (!is_integer(dtype)) call.unsupported("quantisation to a floating-point type");
  const rdu_dtype scale = call.dtype(1), compute = wide(is_float(scale) ? scale : RDU_DTYPE_F32);
  call.set_output(0,
                  call.b().map(dtype, call.dims(0), quantised_reads(call),
                               [=](Body& b, std::span<const Reg> r) {
                                 const Reg x = b.cast(r[0], compute);
                                 const Reg y = b.div(x, b.cast(r[1], compute));
                                 b.result(requantise(b, y, r.size() > 2 ? &r[2] : nullptr, dtype));
                               }));
}

// (x - zero_point) * scale, the difference in I32
void import_dequantize(OpCall& call) {
  if (!is_integer(call.dtype(0))) call.unsupported("dequantisation of a floating-point type");
  if (call.has_input(2)) {
    if (call.dtype(2) != call.dtype(0)) call.invalid("x and its zero point differ in element type");
  }
  const rdu_dtype scale = call.dtype(1), compute = wide(scale);
  rdu_dtype dtype = scale;
  if (call.attr_i("output_dtype", 0) != 0) dtype = dtype_attr(call, "output_dtype", dtype);
  call.set_output(0, call.b().map(dtype, call.dims(0), quantised_reads(call),
                                  [=](Body& b, std::span<const Reg> r) {
                                    Reg x = b.cast(r[0], RDU_DTYPE_I32);
                                    if (r.size() > 2) x = b.sub(x, b.cast(r[2], RDU_DTYPE_I32));
                                    const Reg y = b.mul(b.cast(x, compute), b.cast(r[1], compute));
                                    b.result(b.cast(y, dtype));
                                  }));
}

// scale = (max(x, 0) - min(x, 0)) / 255, zero_point = saturate(round(-min / scale))
void import_dynamic_quantize(OpCall& call) {
  ir::Builder& builder = call.b();
  const ValueId x = call.input(0);
  std::vector<std::int64_t> axes;
  for (std::int64_t d = 0; d < call.rank(0); ++d) axes.push_back(d);
  const auto extreme = [&](rdu_combine_op combine, rdu_body_op with_zero) {
    return builder.reduce_axes(
        x, axes, false, combine, RDU_DTYPE_F32, RDU_DTYPE_F32, {},
        [=](Body& b, Reg y) { return b.binary(with_zero, y, b.like(y, 0)); });
  };
  const ValueId low = extreme(RDU_COMBINE_MIN, RDU_OP_MIN);
  const ValueId high = extreme(RDU_COMBINE_MAX, RDU_OP_MAX);
  const ValueId scale =
      builder.elementwise(RDU_DTYPE_F32, {high, low}, [](Body& b, std::span<const Reg> r) {
        b.result(b.div(b.sub(r[0], r[1]), b.like(r[0], 255)));
      });
  const ValueId zero_point =
      builder.elementwise(RDU_DTYPE_U8, {low, scale}, [](Body& b, std::span<const Reg> r) {
        const Reg ratio = b.div(b.neg(r[0]), r[1]);
        b.result(requantise(b, ratio, nullptr, RDU_DTYPE_U8));
      });
  call.set_output(0, builder.elementwise(
                         RDU_DTYPE_U8, {x, scale, zero_point}, [](Body& b, std::span<const Reg> r) {
                           b.result(requantise(b, b.div(r[0], r[1]), &r[2], RDU_DTYPE_U8));
                         }));
  call.set_output(1, scale);
  call.set_output(2, zero_point);
}

constexpr OpEntry kOps[] = {
    {"", "DequantizeLinear", 10, import_dequantize},
    {"", "DynamicQuantizeLinear", 11, import_dynamic_quantize},
    {"", "QuantizeLinear", 10, import_quantize},
};

}  // namespace

std::span<const OpEntry> quantisation_ops() { return kOps; }

}  // namespace rducc::import_onnx
