// RoiAlign: per region and axis, tables of the positions and weights of its samples, then one
// weighted gather.
#include <algorithm>
#include <cmath>

#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {
namespace {

struct RoiRule {
  std::int64_t samples = 0;  // per bin and axis; 0: as many as a bin has elements
  double scale = 1, offset = 0, smallest = 0;
};

// One of the two axes: the columns of its corners in a region are `corner` and corner + 2.
struct RoiAxis {
  std::int64_t corner = 0, bins = 1, extent = 1;
  std::int64_t samples = 1;  // of the bin that has most
};

struct AxisTables {
  ValueId positions, weights;  // [region, bin, sample, tap]
};

// A bin's extent, as a run computes it; `start` is where its region begins.
struct BinExtent {
  Reg start, bin;
};

BinExtent bin_extent(Body& b, const RoiRule& rule, const RoiAxis& axis, Reg first, Reg last,
                     rdu_dtype compute) {
  const auto number = [&](double v) { return b.constant(compute, v); };
  const auto corner = [&](Reg at) {
    return b.sub(b.mul(b.cast(at, compute), number(rule.scale)), number(rule.offset));
  };
  const Reg start = corner(first);
  const Reg size = b.max(b.sub(corner(last), start), number(rule.smallest));
  return {start, b.div(size, number(static_cast<double>(axis.bins)))};
}

// How many samples a bin has: a number, or one for each element that it covers.
Reg num_samples(Body& b, const RoiRule& rule, Reg bin) {
  if (rule.samples > 0) return b.like(bin, static_cast<double>(rule.samples));
  return b.max(b.unary(RDU_OP_CEIL, bin), b.like(bin, 1));
}

// Per region, bin, sample and tap (the lower and the upper neighbour): a position and a weight. A
// sample more than one element outside counts nothing, nor does one that its bin does not have.
AxisTables roi_axis(OpCall& call, const RoiRule& rule, const RoiAxis& axis) {
  ir::Builder& b = call.b();
  const ValueId rois = call.input(1);
  const rdu_dtype compute = wide(call.dtype(1));
  const std::vector<ir::Read> reads{b.read(rois, {ir::along(0), ir::at(axis.corner)}),
                                    b.read(rois, {ir::along(0), ir::at(axis.corner + 2)})};
  const Dims dims{call.dims(1)[0], axis.bins, axis.samples, 2};
  const auto table = [&](rdu_dtype dtype, bool weight) {
    return b.map(dtype, dims, reads, [&](Body& body, std::span<const Reg> r) {
      const auto number = [&](double v) { return body.constant(compute, v); };
      const BinExtent extent = bin_extent(body, rule, axis, r[0], r[1], compute);
      const Reg count = num_samples(body, rule, extent.bin);
      const Reg sample = body.cast(body.index(2), compute);
      const Reg step = body.div(body.add(sample, number(0.5)), count);
      const Reg inner = body.add(body.cast(body.index(1), compute), step);
      const Reg y = body.add(extent.start, body.mul(inner, extent.bin));
      const Reg last = number(static_cast<double>(axis.extent - 1));
      const Reg inside = body.min(body.max(y, number(0)), last);
      const Reg low = body.unary(RDU_OP_FLOOR, inside);
      const Reg upper = body.binary(RDU_OP_EQ, body.index(3), body.integer(RDU_DTYPE_I64, 1));
      if (!weight) {
        const Reg high = body.min(body.add(low, number(1)), last);
        return body.result(body.cast(body.select(upper, high, low), RDU_DTYPE_I64));
      }
      const Reg fraction = body.sub(inside, low);
      const Reg far =
          body.binary(RDU_OP_OR, body.binary(RDU_OP_LT, y, number(-1)),
                      body.binary(RDU_OP_GT, y, number(static_cast<double>(axis.extent))));
      const Reg absent = body.binary(RDU_OP_GE, sample, count);
      const Reg share = body.select(upper, fraction, body.sub(number(1), fraction));
      body.result(body.select(body.binary(RDU_OP_OR, far, absent), number(0), share));
    });
  };
  return {table(RDU_DTYPE_I64, false), table(compute, true)};
}

RoiRule read_roi_rule(const OpCall& call) {
  RoiRule rule;
  rule.samples = call.attr_i("sampling_ratio", 0);
  if (rule.samples < 0 || rule.samples > kMostStated) {
    call.invalid("attribute sampling_ratio = " + std::to_string(rule.samples));
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

// Without a stated number of samples the regions decide, which have to be known then.
std::int64_t most_samples(const OpCall& call, const RoiRule& rule, const RoiAxis& axis) {
  if (rule.samples > 0) return rule.samples;
  const auto rois = call.required_constant(1, "the regions, for sampling_ratio is 0,").to_f64();
  double most = 1;
  for (std::size_t i = static_cast<std::size_t>(axis.corner); i + 2 < rois.size(); i += 4) {
    const double size = std::max((rois[i + 2] - rois[i]) * rule.scale, rule.smallest);
    most = std::max(most, std::ceil(size / static_cast<double>(axis.bins)) + 1);
  }
  constexpr double kMost = 1 << 12;
  if (!(most <= kMost)) call.unsupported("regions of more than 4096 samples a bin");
  return static_cast<std::int64_t>(most);
}

RoiAxis read_axis(const OpCall& call, const RoiRule& rule, std::int64_t corner,
                  std::string_view bins, std::int64_t extent) {
  RoiAxis axis{corner, call.attr_i(bins, 1), extent};
  if (axis.bins < 1 || axis.bins > kMostStated || extent < 1) {
    call.invalid(std::string(bins) + " = " + std::to_string(axis.bins) + " for an input of shape " +
                 to_text(call.dims(0)));
  }
  axis.samples = most_samples(call, rule, axis);
  return axis;
}

// How many samples there are in a bin of each region, both axes together.
ValueId samples_of_region(OpCall& call, const RoiRule& rule, const RoiAxis& rows,
                          const RoiAxis& columns) {
  ir::Builder& b = call.b();
  const rdu_dtype compute = wide(call.dtype(1));
  std::vector<ir::Read> reads;
  for (std::int64_t i = 0; i < 4; ++i) {
    reads.push_back(b.read(call.input(1), {ir::along(0), ir::at(i)}));
  }
  return b.map(compute, Dims{call.dims(1)[0]}, reads, [&](Body& body, std::span<const Reg> r) {
    const auto count = [&](const RoiAxis& axis, Reg first, Reg last) {
      return num_samples(body, rule, bin_extent(body, rule, axis, first, last, compute).bin);
    };
    body.result(body.mul(count(rows, r[1], r[3]), count(columns, r[0], r[2])));
  });
}

ir::Index looked_up(ValueId source, ir::Access access) {
  ir::Index index;
  index.source = source;
  index.source_access = std::move(access);
  return ir::outside(index, RDU_OUTSIDE_ERROR);
}

// Loops: region, channel, bin y, bin x | sample y, sample x, tap y, tap x.
ir::ReduceSpec roi_spec(OpCall& call, const RoiRule& rule, const RoiAxis& rows,
                        const RoiAxis& columns) {
  ir::Builder& b = call.b();
  const AxisTables y = roi_axis(call, rule, rows), x = roi_axis(call, rule, columns);
  const ir::Access at_y{ir::along(0), ir::along(2), ir::along(4), ir::along(6)};
  const ir::Access at_x{ir::along(0), ir::along(3), ir::along(5), ir::along(7)};
  ir::ReduceSpec spec;
  spec.dims = {call.dims(1)[0], call.dims(0)[1], rows.bins, columns.bins};
  for (const std::int64_t extent : spec.dims) spec.loops.push_back({extent});
  for (const std::int64_t extent :
       {rows.samples, columns.samples, std::int64_t{2}, std::int64_t{2}}) {
    spec.loops.push_back({extent});
  }
  spec.num_parallel = 4;
  spec.reads = {b.read(call.input(0), {looked_up(call.input(2), {ir::along(0)}), ir::along(1),
                                       looked_up(y.positions, at_y), looked_up(x.positions, at_x)}),
                b.read(y.weights, at_y), b.read(x.weights, at_x)};
  spec.acc_dtype = wide(call.dtype(1));
  spec.dtype = call.dtype(0);
  return spec;
}

void take_largest(ir::ReduceSpec& spec) {
  spec.combine = RDU_COMBINE_MAX;
  spec.body = [acc = spec.acc_dtype](Body& b, std::span<const Reg> r) {
    b.result(b.mul(b.cast(r[0], acc), b.mul(r[1], r[2])));
  };
}

void take_mean(ir::Builder& b, ir::ReduceSpec& spec, ValueId counts) {
  spec.body = [acc = spec.acc_dtype](Body& body, std::span<const Reg> r) {
    body.result(body.mul(body.cast(r[0], acc), body.mul(r[1], r[2])));
  };
  spec.epilogue_reads = {b.read(counts, {ir::along(0)})};
  spec.epilogue = [dtype = spec.dtype](Body& body, Reg total, std::span<const Reg> r) {
    body.result(body.cast(body.div(total, r[0]), dtype));
  };
}

void import_roi_align(OpCall& call) {
  const Dims x = call.dims(0), rois = call.dims(1);
  if (x.size() != 4 || rois.size() != 2 || rois[1] != 4 || call.dims(2) != Dims{rois[0]}) {
    call.invalid("regions of shape " + to_text(rois) + " for an input of shape " + to_text(x));
  }
  const RoiRule rule = read_roi_rule(call);
  const std::string mode = call.attr_s("mode", "avg");
  if (mode != "avg" && mode != "max") call.invalid("attribute mode = '" + mode + "'");
  if (mode == "max" && rule.samples == 0) {
    call.unsupported("attribute mode = 'max' with sampling_ratio = 0");
  }
  const RoiAxis rows = read_axis(call, rule, 1, "output_height", x[2]);
  const RoiAxis columns = read_axis(call, rule, 0, "output_width", x[3]);
  ir::ReduceSpec spec = roi_spec(call, rule, rows, columns);
  if (mode == "max") {
    take_largest(spec);
  } else {
    take_mean(call.b(), spec, samples_of_region(call, rule, rows, columns));
  }
  call.set_output(0, call.b().reduce(std::move(spec)));
}

constexpr OpEntry kOps[] = {{"", "RoiAlign", 10, import_roi_align}};

}  // namespace

std::span<const OpEntry> roi_align_ops() { return kOps; }

}  // namespace rducc::import_onnx
