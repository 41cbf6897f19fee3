// GridSample and RoiAlign: tables of positions and weights per axis, then one weighted gather.
#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {
namespace {

enum class Padding { kZeros, kBorder, kReflection };

struct GridRule {
  std::int64_t taps = 2;  // 1 nearest, 2 linear, 4 cubic
  Padding padding = Padding::kZeros;
  bool align_corners = false;
};

GridRule read_grid_rule(const OpCall& call) {
  GridRule rule;
  const std::string mode = call.attr_s("mode", call.opset() < 20 ? "bilinear" : "linear");
  if (mode == "nearest") {
    rule.taps = 1;
  } else if (mode == "cubic" || mode == "bicubic") {
    rule.taps = 4;
  } else if (mode != "linear" && mode != "bilinear") {
    call.invalid("attribute mode = '" + mode + "'");
  }
  const std::string padding = call.attr_s("padding_mode", "zeros");
  if (padding == "border") {
    rule.padding = Padding::kBorder;
  } else if (padding == "reflection") {
    rule.padding = Padding::kReflection;
  } else if (padding != "zeros") {
    call.invalid("attribute padding_mode = '" + padding + "'");
  }
  rule.align_corners = call.attr_i("align_corners", 0) != 0;
  return rule;
}

// From [-1, 1] to positions of an axis of `extent`.
Reg denormalise(Body& b, Reg g, const GridRule& rule, std::int64_t extent) {
  const Reg from_zero = b.add(g, b.like(g, 1)), half = b.like(g, 0.5);
  const auto scale = static_cast<double>(rule.align_corners ? extent - 1 : extent);
  const Reg position = b.mul(b.mul(from_zero, b.like(g, scale)), half);
  return rule.align_corners ? position : b.sub(position, half);
}

// The input position of a tap, brought inside as the padding says; FILL does it for zeros.
Reg padded(Body& b, Reg at, const GridRule& rule, std::int64_t extent) {
  const auto i64 = [&b](std::int64_t v) { return b.integer(RDU_DTYPE_I64, v); };
  if (rule.padding == Padding::kZeros) return at;
  if (rule.padding == Padding::kBorder || extent == 1) {
    return b.max(i64(0), b.min(at, i64(extent - 1)));
  }
  const std::int64_t period = rule.align_corners ? 2 * (extent - 1) : 2 * extent;
  const Reg folded = b.binary(RDU_OP_MOD, at, i64(period));
  const Reg mirrored = b.sub(i64(rule.align_corners ? period : period - 1), folded);
  return b.select(b.binary(RDU_OP_LT, folded, i64(extent)), folded, mirrored);
}

Reg tap_weight(Body& b, Reg distance, std::int64_t taps) {
  const Reg x = b.unary(RDU_OP_ABS, distance), one = b.like(x, 1);
  if (taps == 1) return one;
  if (taps == 2) return b.max(b.sub(one, x), b.like(x, 0));
  constexpr double a = -0.75;
  const auto times = [&](Reg r, double k) { return b.mul(r, b.like(r, k)); };
  const auto plus = [&](Reg r, double k) { return b.add(r, b.like(r, k)); };
  const Reg near = plus(b.mul(b.mul(plus(times(x, a + 2), -(a + 3)), x), x), 1);
  const Reg far = plus(b.mul(plus(b.mul(plus(times(x, a), -5 * a), x), 8 * a), x), -4 * a);
  const Reg outer = b.select(b.binary(RDU_OP_LT, x, b.like(x, 2)), far, b.like(x, 0));
  return b.select(b.binary(RDU_OP_LE, x, one), near, outer);
}

// The first of a point's taps, as a whole number of the coordinate's type.
Reg first_tap(Body& b, Reg x, std::int64_t taps) {
  if (taps == 1) return b.unary(RDU_OP_ROUND, x);
  const Reg base = b.unary(RDU_OP_FLOOR, x);
  return taps == 2 ? base : b.sub(base, b.like(base, 1));
}

struct AxisTables {
  ValueId positions, weights;  // [N, out…, taps]
};

// Spatial dimension d of X is coordinate (rank - 1 - d) of the grid: x is the last axis.
AxisTables grid_axis(OpCall& call, const GridRule& rule, std::size_t d, std::size_t spatial) {
  ir::Builder& b = call.b();
  const std::int64_t extent = call.dims(0)[2 + d];
  Dims dims = call.dims(1);
  ir::Access access = ir::identity_access(dims.size());
  access.back() = ir::at(static_cast<std::int64_t>(spatial - 1 - d));
  dims.back() = rule.taps;
  const auto tap_loop = static_cast<std::uint32_t>(dims.size() - 1);
  const std::vector<ir::Read> reads{b.read(call.input(1), access)};
  const rdu_dtype compute = wide(call.dtype(1));
  const auto table = [&](rdu_dtype dtype, bool weight) {
    return b.map(dtype, dims, reads, [&](Body& body, std::span<const Reg> r) {
      const Reg x = denormalise(body, body.cast(r[0], compute), rule, extent);
      const Reg first = first_tap(body, x, rule.taps), tap = body.index(tap_loop);
      if (weight) {
        const Reg at = body.add(first, body.cast(tap, compute));
        return body.result(tap_weight(body, body.sub(x, at), rule.taps));
      }
      const Reg at = body.add(body.cast(first, RDU_DTYPE_I64), tap);
      body.result(padded(body, at, rule, extent));
    });
  };
  return {table(RDU_DTYPE_I64, false), table(compute, true)};
}

// Adds the taps of spatial dimension d: a loop, an index of x's access, and the weight's read.
void add_taps(OpCall& call, const GridRule& rule, std::size_t d, ir::ReduceSpec& spec,
              ir::Access& x) {
  const AxisTables tables = grid_axis(call, rule, d, call.dims(0).size() - 2);
  ir::Access table{ir::along(0)};
  for (std::uint32_t loop = 2; loop < spec.num_parallel; ++loop) table.push_back(ir::along(loop));
  table.push_back(ir::along(static_cast<std::uint32_t>(spec.loops.size())));
  spec.loops.push_back({rule.taps, ir::kNone, RDU_LOOP_PLAIN});
  spec.reads.push_back(call.b().read(tables.weights, table));
  ir::Index index;
  index.source = tables.positions;
  index.source_access = std::move(table);
  const bool zeros = rule.padding == Padding::kZeros;
  x.push_back(ir::outside(index, zeros ? RDU_OUTSIDE_FILL : RDU_OUTSIDE_ERROR));
}

// Loops: n, c, positions | taps. y = Σ Π weights[d] · x[n, c, positions[d]…]
void import_grid_sample(OpCall& call) {
  require_float(call, 0);
  require_float(call, 1);
  const Dims x = call.dims(0), grid = call.dims(1);
  const std::size_t spatial = x.size() < 3 ? 0 : x.size() - 2;
  if (spatial == 0 || grid.size() != x.size() || grid[0] != x[0] ||
      grid.back() != static_cast<std::int64_t>(spatial)) {
    call.invalid("a grid of shape " + to_text(grid) + " for an input of shape " + to_text(x));
  }
  const GridRule rule = read_grid_rule(call);
  ir::ReduceSpec spec;
  spec.dims = {x[0], x[1]};
  spec.dims.insert(spec.dims.end(), grid.begin() + 1, grid.end() - 1);
  for (const std::int64_t extent : spec.dims) {
    spec.loops.push_back({extent, ir::kNone, RDU_LOOP_PLAIN});
  }
  spec.num_parallel = static_cast<std::uint32_t>(spec.loops.size());
  ir::Access access = ir::identity_access(2);
  for (std::size_t d = 0; d < spatial; ++d) add_taps(call, rule, d, spec, access);
  if (spec.loops.size() > RDU_MAX_LOOPS) {
    call.unsupported("sampling of " + std::to_string(spec.loops.size()) + " loops");
  }
  spec.reads.push_back(call.b().read(call.input(0), access));
  const rdu_dtype acc = wide(call.dtype(1)), dtype = call.dtype(0);
  spec.acc_dtype = acc;
  spec.body = [acc](Body& body, std::span<const Reg> r) {
    Reg product = body.cast(r.back(), acc);
    for (const Reg& weight : r.first(r.size() - 1)) product = body.mul(product, weight);
    body.result(product);
  };
  spec.dtype = dtype;
  spec.epilogue = [dtype](Body& body, Reg sum, std::span<const Reg>) {
    body.result(body.cast(sum, dtype));
  };
  call.set_output(0, call.b().reduce(std::move(spec)));
}

// --- RoiAlign ---------------------------------------------------------------------------------------

struct RoiRule {
  std::int64_t samples = 1;  // per bin and axis
  double scale = 1, offset = 0, smallest = 0;
};

// Per region, bin, sample and tap (the lower and the upper neighbour): a position and a weight. A
// sample more than one element outside counts nothing.
AxisTables roi_axis(OpCall& call, const RoiRule& rule, std::int64_t first_corner, std::int64_t bins,
                    std::int64_t extent) {
  ir::Builder& b = call.b();
  const ValueId rois = call.input(1);
  const rdu_dtype compute = wide(call.dtype(1));
  const std::vector<ir::Read> reads{b.read(rois, {ir::along(0), ir::at(first_corner)}),
                                    b.read(rois, {ir::along(0), ir::at(first_corner + 2)})};
  const Dims dims{call.dims(1)[0], bins, rule.samples, 2};
  const auto table = [&](rdu_dtype dtype, bool weight) {
    return b.map(dtype, dims, reads, [&](Body& body, std::span<const Reg> r) {
      const auto number = [&](double v) { return body.constant(compute, v); };
      const auto corner = [&](Reg at) {
        return body.sub(body.mul(body.cast(at, compute), number(rule.scale)), number(rule.offset));
      };
      const Reg start = corner(r[0]);
      const Reg size = body.max(body.sub(corner(r[1]), start), number(rule.smallest));
      const Reg bin = body.div(size, number(static_cast<double>(bins)));
      const Reg step = body.div(body.add(body.cast(body.index(2), compute), number(0.5)),
                                number(static_cast<double>(rule.samples)));
      const Reg inner = body.add(body.cast(body.index(1), compute), step);
      const Reg y = body.add(start, body.mul(inner, bin));
      const Reg last = number(static_cast<double>(extent - 1));
      const Reg inside = body.min(body.max(y, number(0)), last);
      const Reg low = body.unary(RDU_OP_FLOOR, inside);
      const Reg upper = body.binary(RDU_OP_EQ, body.index(3), body.integer(RDU_DTYPE_I64, 1));
      if (!weight) {
        const Reg high = body.min(body.add(low, number(1)), last);
        return body.result(body.cast(body.select(upper, high, low), RDU_DTYPE_I64));
      }
      const Reg fraction = body.sub(inside, low);
      const Reg far = body.binary(RDU_OP_OR, body.binary(RDU_OP_LT, y, number(-1)),
                                  body.binary(RDU_OP_GT, y, number(static_cast<double>(extent))));
      const Reg share = body.select(upper, fraction, body.sub(number(1), fraction));
      body.result(body.select(far, number(0), share));
    });
  };
  return {table(RDU_DTYPE_I64, false), table(compute, true)};
}

RoiRule read_roi_rule(const OpCall& call) {
  RoiRule rule;
  rule.samples = call.attr_i("sampling_ratio", 0);
  if (rule.samples < 1 || rule.samples > kMostStated) {
    call.unsupported("attribute sampling_ratio = " + std::to_string(rule.samples) +
                     " (a number of samples that depends on the regions)");
  }
  rule.scale = call.attr_f("spatial_scale", 1);
  const std::string mode = call.attr_s("coordinate_transformation_mode",
                                       call.opset() < 16 ? "output_half_pixel" : "half_pixel");
  if (mode == "output_half_pixel") {
    rule.smallest = 1;
  } else if (mode == "half_pixel") {
    rule.offset = 0.5;
  } else {
    call.invalid("attribute coordinate_transformation_mode = '" + mode + "'");
  }
  return rule;
}

// Loops: region, channel, bin y, bin x | sample y, sample x, tap y, tap x.
void import_roi_align(OpCall& call) {
  const Dims x = call.dims(0), rois = call.dims(1);
  if (x.size() != 4 || rois.size() != 2 || rois[1] != 4 || call.dims(2) != Dims{rois[0]}) {
    call.invalid("regions of shape " + to_text(rois) + " for an input of shape " + to_text(x));
  }
  const RoiRule rule = read_roi_rule(call);
  const std::string mode = call.attr_s("mode", "avg");
  if (mode != "avg" && mode != "max") call.invalid("attribute mode = '" + mode + "'");
  const std::int64_t height = call.attr_i("output_height", 1),
                     width = call.attr_i("output_width", 1);
  ir::Builder& b = call.b();
  const AxisTables rows = roi_axis(call, rule, 1, height, x[2]);
  const AxisTables columns = roi_axis(call, rule, 0, width, x[3]);
  const ir::Access row{ir::along(0), ir::along(2), ir::along(4), ir::along(6)};
  const ir::Access column{ir::along(0), ir::along(3), ir::along(5), ir::along(7)};
  const auto indexed = [](ValueId source, ir::Access access) {
    ir::Index index;
    index.source = source;
    index.source_access = std::move(access);
    return ir::outside(index, RDU_OUTSIDE_ERROR);
  };
  ir::ReduceSpec spec;
  spec.dims = {rois[0], x[1], height, width};
  for (const std::int64_t extent : {rois[0], x[1], height, width, rule.samples, rule.samples,
                                    std::int64_t{2}, std::int64_t{2}}) {
    spec.loops.push_back({extent, ir::kNone, RDU_LOOP_PLAIN});
  }
  spec.num_parallel = 4;
  spec.reads = {
      b.read(call.input(0), {indexed(call.input(2), {ir::along(0)}), ir::along(1),
                             indexed(rows.positions, row), indexed(columns.positions, column)}),
      b.read(rows.weights, row), b.read(columns.weights, column)};
  const rdu_dtype acc = wide(call.dtype(1)), dtype = call.dtype(0);
  spec.acc_dtype = acc;
  spec.combine = mode == "avg" ? RDU_COMBINE_ADD : RDU_COMBINE_MAX;
  spec.body = [acc](Body& body, std::span<const Reg> r) {
    body.result(body.mul(body.cast(r[0], acc), body.mul(r[1], r[2])));
  };
  const double share = mode == "avg" ? 1.0 / static_cast<double>(rule.samples * rule.samples) : 1;
  spec.dtype = dtype;
  spec.epilogue = [=](Body& body, Reg total, std::span<const Reg>) {
    body.result(body.cast(body.mul(total, body.like(total, share)), dtype));
  };
  call.set_output(0, b.reduce(std::move(spec)));
}

constexpr OpEntry kOps[] = {
    {"", "GridSample", 16, import_grid_sample},
    {"", "RoiAlign", 10, import_roi_align},
};

}  // namespace

std::span<const OpEntry> sampling_ops() { return kOps; }

}  // namespace rducc::import_onnx
