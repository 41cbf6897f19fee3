// Det: in closed form for small matrices, else by elimination with pivots, one column an iteration.
#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/ops/scan_builder.hpp"
#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {
namespace {

constexpr std::int64_t kMostInClosedForm = 3;

Reg minor2(Body& b, std::span<const Reg> m, std::size_t p, std::size_t q, std::size_t r,
           std::size_t s) {
  return b.sub(b.mul(m[p], m[q]), b.mul(m[r], m[s]));
}

Reg determinant(Body& b, std::span<const Reg> m, std::int64_t rows) {
  if (rows == 1) return m[0];
  if (rows == 2) return minor2(b, m, 0, 3, 1, 2);
  const Reg first = b.mul(m[0], minor2(b, m, 4, 8, 5, 7));
  const Reg second = b.mul(m[1], minor2(b, m, 3, 8, 5, 6));
  const Reg third = b.mul(m[2], minor2(b, m, 3, 7, 4, 6));
  return b.add(b.sub(first, second), third);
}

ValueId small_determinants(ir::Builder& builder, ValueId matrices) {
  const Dims dims = builder.dims(matrices);
  const std::int64_t rows = dims[1];
  std::vector<ir::Read> reads;
  for (std::int64_t i = 0; i < rows * rows; ++i) {
    reads.push_back(builder.read(matrices, {ir::along(0), ir::at(i / rows), ir::at(i % rows)}));
  }
  return builder.map(builder.dtype(matrices), Dims{dims[0]}, reads,
                     [=](Body& b, std::span<const Reg> r) { b.result(determinant(b, r, rows)); });
}

// Position `source[access]` of a dimension.
ir::Index looked_up(ValueId source, ir::Access access) {
  ir::Index index;
  index.source = source;
  index.source_access = std::move(access);
  return ir::outside(index, RDU_OUTSIDE_ERROR);
}

// The row, from `step` on, whose element in column `step` is the largest.
ValueId find_pivots(ir::Builder& builder, ValueId matrices, ValueId step) {
  const Dims dims = builder.dims(matrices);
  ir::ReduceSpec spec;
  spec.loops = {{dims[0]}, {dims[1]}};
  spec.num_parallel = 1;
  spec.reads = {builder.read(matrices, {ir::along(0), ir::along(1), looked_up(step, {})}),
                builder.read(step, {})};
  spec.body = [](Body& b, std::span<const Reg> r) {
    const Reg done = b.binary(RDU_OP_LT, b.index(1), r[1]);
    b.result(b.select(done, b.like(r[0], -1), b.unary(RDU_OP_ABS, r[0])));
  };
  spec.combine = RDU_COMBINE_ARGMAX_FIRST;
  spec.acc_dtype = builder.dtype(matrices);
  spec.dtype = RDU_DTYPE_I64;
  spec.dims = {dims[0]};
  return builder.reduce(std::move(spec));
}

// Rows `step` and `pivot` change places, and the rows below lose their element of column `step`.
ValueId eliminate(ir::Builder& builder, ValueId matrices, ValueId step, ValueId pivot) {
  const ir::Index at_step = looked_up(step, {}), at_pivot = looked_up(pivot, {ir::along(0)});
  const ir::Index row = ir::along(1), column = ir::along(2);
  const auto element = [&](const ir::Index& i, const ir::Index& j) {
    return builder.read(matrices, {ir::along(0), i, j});
  };
  const std::vector<ir::Read> reads{element(row, column),      element(row, at_step),
                                    element(at_step, column),  element(at_step, at_step),
                                    element(at_pivot, column), element(at_pivot, at_step),
                                    builder.read(step, {}),    builder.read(pivot, {ir::along(0)})};
  return builder.map(builder.dtype(matrices), builder.dims(matrices), reads,
                     [](Body& b, std::span<const Reg> r) {
                       const Reg i = b.index(1), zero = b.like(r[0], 0);
                       const Reg was_pivot = b.binary(RDU_OP_EQ, i, r[7]);
                       const Reg here = b.select(was_pivot, r[2], r[0]);
                       const Reg first = b.select(was_pivot, r[3], r[1]);
                       const Reg singular = b.binary(RDU_OP_EQ, r[5], zero);
                       const Reg factor = b.select(singular, zero, b.div(first, r[5]));
                       const Reg below = b.sub(here, b.mul(factor, r[4]));
                       const Reg kept = b.select(b.binary(RDU_OP_EQ, i, r[6]), r[4], here);
                       b.result(b.select(b.binary(RDU_OP_GT, i, r[6]), below, kept));
                     });
}

// Times the pivot; a change of places turns the sign.
ValueId multiply_pivot(ir::Builder& builder, ValueId product, ValueId matrices, ValueId step,
                       ValueId pivot) {
  const std::vector<ir::Read> reads{
      builder.read(product, {ir::along(0)}),
      builder.read(matrices, {ir::along(0), looked_up(pivot, {ir::along(0)}), looked_up(step, {})}),
      builder.read(step, {}), builder.read(pivot, {ir::along(0)})};
  return builder.map(builder.dtype(product), builder.dims(product), reads,
                     [](Body& b, std::span<const Reg> r) {
                       const Reg in_place = b.binary(RDU_OP_EQ, r[2], r[3]);
                       b.result(b.mul(r[0], b.select(in_place, r[1], b.neg(r[1]))));
                     });
}

ValueId eliminated_determinants(ir::Builder& builder, ValueId matrices) {
  const Dims dims = builder.dims(matrices);
  const ValueId ones = builder.expand(builder.scalar(builder.dtype(matrices), 1), Dims{dims[0]});
  ScanBuilder scan(builder, dims[1]);
  const ValueId m = scan.carry(matrices), product = scan.carry(ones), step = scan.index();
  const ValueId pivot = find_pivots(builder, m, step);
  scan.set_next(product, multiply_pivot(builder, product, m, step, pivot));
  scan.set_next(m, eliminate(builder, m, step, pivot));
  return scan.finish().carried[1];
}

void import_det(OpCall& call) {
  require_float(call, 0);
  Dims dims = call.dims(0);
  const std::int64_t rows = dims.empty() ? 0 : dims.back();
  if (dims.size() < 2 || dims[dims.size() - 2] != rows || rows < 1) {
    call.invalid("input of shape " + to_text(dims));
  }
  dims.resize(dims.size() - 2);
  ir::Builder& builder = call.b();
  const rdu_dtype dtype = call.dtype(0);
  const ValueId matrices = builder.reshape(builder.cast(call.input(0), wide(dtype)),
                                           {ir::num_elements(dims), rows, rows});
  const ValueId result = rows <= kMostInClosedForm ? small_determinants(builder, matrices)
                                                   : eliminated_determinants(builder, matrices);
  call.set_output(0, builder.cast(builder.reshape(result, dims), dtype));
}

constexpr OpEntry kOps[] = {{"", "Det", 11, import_det}};

}  // namespace

std::span<const OpEntry> matrix_ops() { return kOps; }

}  // namespace rducc::import_onnx
