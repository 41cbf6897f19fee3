// GridSample: tables of positions and weights per axis, then one weighted gather.
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

constexpr OpEntry kOps[] = {
    {"", "GridSample", 16, import_grid_sample},
};

}  // namespace

std::span<const OpEntry> sampling_ops() { return kOps; }

}  // namespace rducc::import_onnx
