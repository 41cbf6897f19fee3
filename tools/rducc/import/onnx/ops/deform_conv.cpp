// DeformConv: the input sampled where the offsets say, then an ordinary contraction.
#include "tools/rducc/import/onnx/ops/contraction.hpp"
#include "tools/rducc/import/onnx/ops/convolution.hpp"
#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {
namespace {

constexpr std::size_t kOffset = 2, kBias = 3, kMask = 4;

struct Deform {
  Dims x, w;  // [n, c, height, width], [channels out, c of the group, …]
  std::vector<Window> windows;
  std::int64_t groups = 1, offset_groups = 1;

  std::int64_t taps() const { return windows[0].kernel * windows[1].kernel; }
  // [n, offset group, tap y, tap x, y, x]
  Dims points() const {
    return {x[0],
            offset_groups,
            windows[0].kernel,
            windows[1].kernel,
            windows[0].output,
            windows[1].output};
  }
};

void check_operand(const OpCall& call, std::size_t input, const char* what, const Dims& wanted) {
  if (call.dims(input) == wanted) return;
  call.invalid(std::string(what) + " of shape " + to_text(call.dims(input)) + " where " +
               to_text(wanted) + " is expected");
}

Deform read_deform(const OpCall& call) {
  Deform d;
  d.x = call.dims(0);
  d.w = call.dims(1);
  if (d.x.size() != 4 && d.x.size() == d.w.size()) {
    call.unsupported("input of shape " + to_text(d.x) + "; images of two dimensions are supported");
  }
  d.groups = call.attr_i("group", 1);
  d.offset_groups = call.attr_i("offset_group", 1);
  if (d.w.size() != 4 || d.groups < 1 || d.offset_groups < 1 || d.x[1] % d.offset_groups ||
      d.x[1] != d.w[1] * d.groups || d.w[0] % d.groups) {
    call.invalid("group = " + std::to_string(d.groups) +
                 " and offset_group = " + std::to_string(d.offset_groups) +
                 " with input of shape " + to_text(d.x) + " and weights of shape " + to_text(d.w));
  }
  d.windows = read_windows(call, std::span(d.x).subspan(2), std::span(d.w).subspan(2), false);
  const std::int64_t high = d.windows[0].output, wide = d.windows[1].output;
  check_operand(call, kOffset, "offset", {d.x[0], d.offset_groups * d.taps() * 2, high, wide});
  if (call.has_input(kBias)) check_operand(call, kBias, "bias", {d.w[0]});
  if (call.has_input(kMask)) {
    check_operand(call, kMask, "mask", {d.x[0], d.offset_groups * d.taps(), high, wide});
  }
  return d;
}

// Per point and neighbour (the lower and the upper one): a position, and how much it counts.
struct Neighbours {
  ValueId positions, weights;
};

Neighbours neighbours_of(OpCall& call, const Deform& d, std::uint32_t axis) {
  ir::Builder& b = call.b();
  Dims split = d.points();
  split.insert(split.begin() + 4, 2);
  const ValueId offsets = b.reshape(call.input(kOffset), split);
  ir::Access access = ir::identity_access(4);
  access.push_back(ir::at(axis));
  access.push_back(ir::along(4));
  access.push_back(ir::along(5));
  Dims dims = d.points();
  dims.push_back(2);
  const Window w = d.windows[axis];
  const rdu_dtype compute = wide(call.dtype(kOffset));
  const std::vector<ir::Read> reads{b.read(offsets, access)};
  const auto table = [&](rdu_dtype dtype, bool weight) {
    return b.map(dtype, dims, reads, [=](Body& body, std::span<const Reg> r) {
      const auto steps = [&](std::uint32_t loop, std::int64_t step) {
        return body.mul(body.index(loop), body.integer(RDU_DTYPE_I64, step));
      };
      const Reg regular = body.sub(body.add(steps(4 + axis, w.stride), steps(2 + axis, w.dilation)),
                                   body.integer(RDU_DTYPE_I64, w.pad_begin));
      const Reg x = body.add(body.cast(regular, compute), body.cast(r[0], compute));
      const Reg low = body.unary(RDU_OP_FLOOR, x);
      if (!weight) {
        return body.result(body.add(body.cast(low, RDU_DTYPE_I64), body.index(6)));
      }
      const Reg share = body.sub(x, low);
      const Reg upper = body.binary(RDU_OP_EQ, body.index(6), body.integer(RDU_DTYPE_I64, 1));
      body.result(body.select(upper, share, body.sub(body.like(share, 1), share)));
    });
  };
  return {table(RDU_DTYPE_I64, false), table(compute, true)};
}

// Loops: n, channel, tap y, tap x, y, x | neighbour y, neighbour x. Outside the image is zero.
ValueId sample(OpCall& call, const Deform& d) {
  const Neighbours rows = neighbours_of(call, d, 0), columns = neighbours_of(call, d, 1);
  ir::Index group = ir::along(1);
  group.div = d.x[1] / d.offset_groups;
  ir::Access point = ir::identity_access(6);
  point[1] = group;
  const auto at_neighbour = [&](std::uint32_t loop) {
    ir::Access access = point;
    access.push_back(ir::along(loop));
    return access;
  };
  const auto looked_up = [&](ValueId positions, std::uint32_t loop) {
    ir::Index index;
    index.source = positions;
    index.source_access = at_neighbour(loop);
    return ir::outside(index, RDU_OUTSIDE_FILL);
  };
  ir::Builder& b = call.b();
  ir::ReduceSpec spec;
  spec.dims = d.points();
  spec.dims[1] = d.x[1];
  for (const std::int64_t extent : spec.dims) spec.loops.push_back({extent});
  spec.num_parallel = 6;
  spec.loops.insert(spec.loops.end(), 2, {2});
  spec.reads = {b.read(call.input(0), {ir::along(0), ir::along(1), looked_up(rows.positions, 6),
                                       looked_up(columns.positions, 7)}),
                b.read(rows.weights, at_neighbour(6)), b.read(columns.weights, at_neighbour(7))};
  spec.dtype = call.dtype(0);
  const rdu_dtype acc = spec.acc_dtype = wide(spec.dtype);
  spec.body = [acc](Body& body, std::span<const Reg> r) {
    body.result(
        body.mul(body.cast(r[0], acc), body.mul(body.cast(r[1], acc), body.cast(r[2], acc))));
  };
  if (call.has_input(kMask)) {
    spec.epilogue_reads = {b.read(b.reshape(call.input(kMask), d.points()), point)};
    spec.epilogue = [acc, dtype = spec.dtype](Body& body, Reg sum, std::span<const Reg> r) {
      body.result(body.cast(body.mul(sum, body.cast(r[0], acc)), dtype));
    };
  }
  return b.reduce(std::move(spec));
}

// Loops: n, group, channel of the group, y, x | input channel of the group, tap y, tap x.
void import_deform_conv(OpCall& call) {
  require_float(call, 0);
  require_same_dtype(call, 0, 5);
  const Deform d = read_deform(call);
  const std::int64_t depth = d.w[1], per_group = d.w[0] / d.groups;
  const Window &high = d.windows[0], &across = d.windows[1];
  ir::Builder& b = call.b();
  const ValueId samples = b.reshape(sample(call, d), {d.x[0], d.groups, depth, high.kernel,
                                                      across.kernel, high.output, across.output});
  const ValueId weights =
      b.reshape(call.input(1), {d.groups, per_group, depth, high.kernel, across.kernel});
  ir::ReduceSpec spec;
  spec.loops = {{d.x[0], ir::kNone, RDU_LOOP_M},        {d.groups, ir::kNone, RDU_LOOP_BATCH},
                {per_group, ir::kNone, RDU_LOOP_N},     {high.output, ir::kNone, RDU_LOOP_M},
                {across.output, ir::kNone, RDU_LOOP_M}, {depth, ir::kNone, RDU_LOOP_K},
                {high.kernel, ir::kNone, RDU_LOOP_K},   {across.kernel, ir::kNone, RDU_LOOP_K}};
  spec.num_parallel = 5;
  spec.reads = {
      b.read(samples, {ir::along(0), ir::along(1), ir::along(5), ir::along(6), ir::along(7),
                       ir::along(3), ir::along(4)}),
      b.read(weights, {ir::along(1), ir::along(2), ir::along(5), ir::along(6), ir::along(7)})};
  spec.acc_dtype = wide(call.dtype(0));
  spec.body = product_in(spec.acc_dtype);
  if (call.has_input(kBias)) {
    const ValueId bias = b.reshape(call.input(kBias), {d.groups, per_group});
    spec.epilogue_reads = {b.read(bias, {ir::along(1), ir::along(2)})};
  }
  spec.epilogue = add_bias(call.dtype(0));
  spec.dtype = call.dtype(0);
  spec.dims = {d.x[0], d.groups, per_group, high.output, across.output};
  const Dims dims{d.x[0], d.w[0], high.output, across.output};
  call.set_output(0, b.reshape(b.contract(std::move(spec)), dims));
}

constexpr OpEntry kOps[] = {{"", "DeformConv", 19, import_deform_conv}};

}  // namespace

std::span<const OpEntry> deform_conv_ops() { return kOps; }

}  // namespace rducc::import_onnx
