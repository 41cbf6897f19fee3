// MaxRoiPool: the largest element of each cell of a grid laid over a region, first along rows, then along columns.
#include <limits>

#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {
namespace {

// The cells along one axis: of each region, positions [begin, end) of the input. Both are [regions, cells].
struct Cells {
  ValueId begin = ir::kNone, end = ir::kNone;
};

// Half away from zero.
Reg round_away(Body& b, Reg x) {
  const Reg magnitude = b.add(b.unary(RDU_OP_ABS, x), b.like(x, 0.5));
  return b.mul(b.unary(RDU_OP_SIGN, x), b.unary(RDU_OP_FLOOR, magnitude));
}

// Which edge of a cell: its begin, or the begin of the next one, rounded up.
enum class Edge { kBegin, kEnd };

ValueId cell_edges(OpCall& call, std::int64_t first_column, std::int64_t cells, std::int64_t extent,
                   Edge edge) {
  ir::Builder& builder = call.b();
  const ValueId regions = call.input(1);
  const double scale = call.attr_f("spatial_scale", 1);
  const auto column = [&](std::int64_t at) {
    return builder.read(regions, {ir::along(0), ir::at(at)});
  };
  return builder.map(
      RDU_DTYPE_I64, Dims{call.dims(1)[0], cells}, {column(first_column), column(first_column + 2)},
      [&](Body& b, std::span<const Reg> r) {
        const Reg first = round_away(b, b.mul(r[0], b.like(r[0], scale)));
        const Reg last = round_away(b, b.mul(r[1], b.like(r[1], scale)));
        const Reg one = b.like(first, 1);
        const Reg length = b.max(b.add(b.sub(last, first), one), one);
        const Reg size = b.div(length, b.like(length, static_cast<double>(cells)));
        Reg cell = b.cast(b.index(1), first.dtype);
        if (edge == Edge::kEnd) cell = b.add(cell, one);
        const rdu_body_op rounding = edge == Edge::kBegin ? RDU_OP_FLOOR : RDU_OP_CEIL;
        const Reg position = b.add(b.unary(rounding, b.mul(cell, size)), first);
        const Reg limit = b.like(position, static_cast<double>(extent));
        b.result(b.cast(b.min(b.max(position, b.like(position, 0)), limit), RDU_DTYPE_I64));
      });
}

Cells read_cells(OpCall& call, std::int64_t first_column, std::int64_t cells, std::int64_t extent) {
  return {cell_edges(call, first_column, cells, extent, Edge::kBegin),
          cell_edges(call, first_column, cells, extent, Edge::kEnd)};
}

// The largest element of each cell along the dimension of loop `reduced`, 0 in an empty cell.
ValueId pool_axis(ir::Builder& builder, ir::Read x, const Cells& cells, ir::ReduceSpec spec,
                  std::uint32_t cell_loop) {
  const auto reduced = static_cast<std::uint32_t>(spec.loops.size() - 1);
  const ir::Access bounds{ir::along(0), ir::along(cell_loop)};
  spec.reads = {std::move(x), builder.read(cells.begin, bounds), builder.read(cells.end, bounds)};
  spec.body = [reduced](Body& b, std::span<const Reg> r) {
    const Reg at = b.index(reduced);
    const Reg inside =
        b.binary(RDU_OP_AND, b.binary(RDU_OP_GE, at, r[1]), b.binary(RDU_OP_LT, at, r[2]));
    b.result(b.select(inside, r[0], b.like(r[0], -std::numeric_limits<double>::infinity())));
  };
  spec.epilogue_reads = {spec.reads[1], spec.reads[2]};
  spec.epilogue = [](Body& b, Reg largest, std::span<const Reg> r) {
    b.result(b.select(b.binary(RDU_OP_LT, r[0], r[1]), largest, b.like(largest, 0)));
  };
  spec.combine = RDU_COMBINE_MAX;
  return builder.reduce(std::move(spec));
}

void import_max_roi_pool(OpCall& call) {
  require_float(call, 0);
  require_same_dtype(call, 0, 2);
  ir::Builder& builder = call.b();
  const Dims x = call.dims(0), regions = call.dims(1);
  const std::vector<std::int64_t> pooled = call.attr_ints("pooled_shape");
  if (x.size() != 4 || regions.size() != 2 || regions[1] != 5) {
    call.invalid("inputs of shapes " + to_text(x) + " and " + to_text(regions));
  }
  if (pooled.size() != 2 || pooled[0] < 1 || pooled[1] < 1) {
    call.invalid("pooled_shape = " + to_text(pooled));
  }
  const rdu_dtype dtype = call.dtype(0);
  const auto spec_of = [&](const Dims& dims, std::int64_t reduced) {
    ir::ReduceSpec spec;
    for (const std::int64_t dim : dims) spec.loops.push_back({dim, ir::kNone, RDU_LOOP_PLAIN});
    spec.loops.push_back({reduced, ir::kNone, RDU_LOOP_PLAIN});
    spec.num_parallel = 4;
    spec.dims = dims;
    spec.dtype = spec.acc_dtype = dtype;
    return spec;
  };
  ir::Index image;
  image.source = builder.map(RDU_DTYPE_I64, Dims{regions[0]},
                             {builder.read(call.input(1), {ir::along(0), ir::at(0)})},
                             [](Body& b, std::span<const Reg> r) { b.result(r[0]); });
  image.source_access = {ir::along(0)};
  const ir::Read from_image = builder.read(
      call.input(0),
      {ir::outside(image, RDU_OUTSIDE_ERROR), ir::along(1), ir::along(2), ir::along(4)});
  const ValueId rows = pool_axis(builder, from_image, read_cells(call, 1, pooled[1], x[3]),
                                 spec_of({regions[0], x[1], x[2], pooled[1]}, x[3]), 3);
  const ir::Read from_rows =
      builder.read(rows, {ir::along(0), ir::along(1), ir::along(4), ir::along(3)});
  call.set_output(0, pool_axis(builder, from_rows, read_cells(call, 2, pooled[0], x[2]),
                               spec_of({regions[0], x[1], pooled[0], pooled[1]}, x[2]), 2));
}

constexpr OpEntry kOps[] = {{"", "MaxRoiPool", 1, import_max_roi_pool}};

}  // namespace

std::span<const OpEntry> max_roi_pool_ops() { return kOps; }

}  // namespace rducc::import_onnx
