// CropAndResize: every crop is sampled on a grid between its corners.
#include <algorithm>
#include <limits>

#include "tools/rducc/import/onnx/ops/microsoft/domain.hpp"
#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {
namespace {

// Where along one axis of X a crop's element is taken from: [regions, size].
struct AxisGrid {
  ValueId lower, upper;  // positions, always inside
  ValueId share;         // of the upper one, or NaN where the element lies outside of X
};

struct Axis {
  std::int64_t first_corner = 0;  // the column of the regions; the other corner is two further
  std::int64_t size = 0, extent = 0;
};

// The real position: corners are the first and the last element, a single one lies in the middle.
Reg position(Body& b, Reg start, Reg end, const Axis& axis) {
  const Reg reach = b.like(start, static_cast<double>(axis.extent - 1));
  if (axis.size == 1) return b.mul(b.mul(b.like(start, 0.5), b.add(start, end)), reach);
  const Reg step =
      b.div(b.mul(b.sub(end, start), reach), b.like(start, static_cast<double>(axis.size - 1)));
  return b.add(b.mul(start, reach), b.mul(b.cast(b.index(1), start.dtype), step));
}

AxisGrid axis_grid(OpCall& call, const Axis& axis, bool nearest) {
  ir::Builder& builder = call.b();
  const rdu_dtype compute = wide(call.dtype(1));
  const Dims dims{call.dims(1)[0], axis.size};
  const std::vector<ir::Read> reads{
      builder.read(call.input(1), {ir::along(0), ir::at(axis.first_corner)}),
      builder.read(call.input(1), {ir::along(0), ir::at(axis.first_corner + 2)})};
  const auto table = [&](rdu_dtype dtype, auto value) {
    return builder.map(dtype, dims, reads, [&](Body& b, std::span<const Reg> r) {
      const Reg at = position(b, b.cast(r[0], compute), b.cast(r[1], compute), axis);
      const Reg last = b.like(at, static_cast<double>(axis.extent - 1));
      const Reg inside = b.min(b.max(at, b.like(at, 0)), last);
      b.result(b.cast(value(b, at, inside, last), dtype));
    });
  };
  const auto base = [&](Body& b, Reg x) {
    return b.unary(RDU_OP_FLOOR, nearest ? b.add(x, b.like(x, 0.5)) : x);
  };
  AxisGrid grid{};
  grid.lower = table(RDU_DTYPE_I64, [&](Body& b, Reg, Reg x, Reg) { return base(b, x); });
  grid.upper = table(RDU_DTYPE_I64, [&](Body& b, Reg, Reg x, Reg last) {
    return nearest ? base(b, x) : b.min(b.add(base(b, x), b.like(x, 1)), last);
  });
  grid.share = table(compute, [&](Body& b, Reg at, Reg x, Reg last) {
    const Reg outside =
        b.binary(RDU_OP_OR, b.binary(RDU_OP_LT, at, b.like(at, 0)), b.binary(RDU_OP_GT, at, last));
    const Reg share = nearest ? b.like(x, 0) : b.sub(x, base(b, x));
    return b.select(outside, b.like(x, std::numeric_limits<double>::quiet_NaN()), share);
  });
  return grid;
}

ir::Index taken_from(ValueId table, ir::Access access) {
  ir::Index index;
  index.source = table;
  index.source_access = std::move(access);
  return ir::outside(index, RDU_OUTSIDE_ERROR);
}

// Loops: region, channel, row, column.
void emit_crops(OpCall& call, const AxisGrid& rows, const AxisGrid& columns, const Dims& dims) {
  ir::Builder& builder = call.b();
  const ir::Access row{ir::along(0), ir::along(2)}, column{ir::along(0), ir::along(3)};
  const ir::Index image = taken_from(call.input(2), {ir::along(0)});
  std::vector<ir::Read> reads;
  for (const ValueId y : {rows.lower, rows.upper}) {
    for (const ValueId x : {columns.lower, columns.upper}) {
      reads.push_back(builder.read(
          call.input(0), {image, ir::along(1), taken_from(y, row), taken_from(x, column)}));
    }
  }
  reads.push_back(builder.read(rows.share, row));
  reads.push_back(builder.read(columns.share, column));
  const double elsewhere = call.attr_f("extrapolation_value", 0);
  const rdu_dtype dtype = call.dtype(0);
  call.set_output(0, builder.map(dtype, dims, reads, [=](Body& b, std::span<const Reg> r) {
    const Reg down = r[4], across = r[5];
    const auto between = [&](Reg from, Reg to, Reg share) {
      const Reg x = b.cast(from, share.dtype);
      return b.add(x, b.mul(b.sub(b.cast(to, share.dtype), x), share));
    };
    const Reg top = between(r[0], r[1], across), bottom = between(r[2], r[3], across);
    const Reg y = b.add(top, b.mul(b.sub(bottom, top), down));
    const Reg outside = b.isnan(b.add(down, across));
    b.result(b.cast(b.select(outside, b.like(y, elsewhere), y), dtype));
  }));
}

void import_crop_and_resize(OpCall& call) {
  require_float(call, 0);
  require_float(call, 1);
  const Dims x = call.dims(0), regions = call.dims(1);
  if (x.size() != 4 || x[2] < 1 || x[3] < 1 || regions.size() != 2 || regions[1] != 4 ||
      call.dims(2) != Dims{regions[0]}) {
    call.invalid("regions of shape " + to_text(regions) + " for an input of shape " + to_text(x));
  }
  const auto size = call.required_constant(3, "the size of the crops").to_i64();
  if (size.size() != 2 || std::min(size[0], size[1]) < 1 ||
      std::max(size[0], size[1]) > kMostStated) {
    call.invalid("crop_size = " + to_text(size));
  }
  const std::string mode = call.attr_s("mode", "bilinear");
  if (mode != "bilinear" && mode != "nearest") call.invalid("attribute mode = '" + mode + "'");
  const bool nearest = mode == "nearest";
  const AxisGrid rows = axis_grid(call, {0, size[0], x[2]}, nearest);
  const AxisGrid columns = axis_grid(call, {1, size[1], x[3]}, nearest);
  emit_crops(call, rows, columns, {regions[0], x[1], size[0], size[1]});
}

constexpr OpEntry kOps[] = {
    {kMicrosoft, "CropAndResize", 1, import_crop_and_resize},
};

}  // namespace

std::span<const OpEntry> microsoft_crop_resize_ops() { return kOps; }

}  // namespace rducc::import_onnx
