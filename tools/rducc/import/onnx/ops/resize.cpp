// Resize and Upsample: nearest is one map, linear and cubic are one weighted map per resized axis.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/ops/resize_taps.hpp"
#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {
namespace {

using Axes = std::vector<ResizeAxis>;  // one per dimension of the input

// A scale that stands for a ratio of whole extents is that ratio.
void settle_scale(ResizeAxis& axis) {
  const double exact = static_cast<double>(axis.output) / static_cast<double>(axis.input);
  if (std::abs(axis.scale - exact) <= 1e-6 * exact) axis.scale = exact;
}

void scale_axes(const OpCall& call, Axes& axes, const std::vector<std::int64_t>& which,
                const std::vector<double>& scales) {
  if (scales.size() != which.size()) {
    call.invalid(std::to_string(scales.size()) + " scales for " + std::to_string(which.size()) +
                 " axes");
  }
  for (std::size_t i = 0; i < which.size(); ++i) {
    ResizeAxis& axis = axes[static_cast<std::size_t>(which[i])];
    axis.scale = scales[i];
    const double extent = static_cast<double>(axis.input) * axis.scale;
    if (!(axis.scale > 0) || !(extent < 1e9)) {
      call.invalid("scale " + std::to_string(axis.scale) + " of an extent of " +
                   std::to_string(axis.input));
    }
    // 1e-6: a scale of float32(n / m) must not lose an element to rounding.
    axis.output = static_cast<std::int64_t>(std::floor(extent + 1e-6 * extent));
    settle_scale(axis);
  }
}

void size_axes(const OpCall& call, Axes& axes, const std::vector<std::int64_t>& which,
               const std::vector<std::int64_t>& sizes) {
  if (sizes.size() != which.size()) {
    call.invalid(std::to_string(sizes.size()) + " sizes for " + std::to_string(which.size()) +
                 " axes");
  }
  const std::string policy = call.attr_s("keep_aspect_ratio_policy", "stretch");
  double common = 0;
  for (std::size_t i = 0; i < which.size(); ++i) {
    ResizeAxis& axis = axes[static_cast<std::size_t>(which[i])];
    if (sizes[i] < 0 || axis.input < 1) call.invalid("sizes = " + to_text(sizes));
    axis.output = sizes[i];
    axis.scale = static_cast<double>(axis.output) / static_cast<double>(axis.input);
    const bool smaller = policy == "not_larger" && axis.scale < common;
    const bool larger = policy == "not_smaller" && axis.scale > common;
    if (i == 0 || smaller || larger) common = axis.scale;
  }
  if (policy == "stretch") return;
  if (policy != "not_larger" && policy != "not_smaller") {
    call.invalid("attribute keep_aspect_ratio_policy = '" + policy + "'");
  }
  for (const std::int64_t d : which) {
    ResizeAxis& axis = axes[static_cast<std::size_t>(d)];
    axis.scale = common;
    axis.output =
        static_cast<std::int64_t>(std::floor(common * static_cast<double>(axis.input) + 0.5));
  }
}

ir::Index position_index(ir::Builder& b, const AxisTaps& taps, const ResizeAxis& axis,
                         std::uint32_t loop, std::int64_t tap) {
  ir::Index index;
  if (const AffineFit fit = fit_affine(taps.first, axis); fit.found) {
    index = ir::along(loop, fit.slope, fit.offset + tap * fit.div);
    index.div = fit.div;
  } else {
    const Dims dims{static_cast<std::int64_t>(taps.first.size())};
    index.source = b.add_constant(
        ir::make_tensor(RDU_DTYPE_I64, dims, std::span<const std::int64_t>(taps.first)));
    index.source_access = {ir::along(loop)};
    index.offset = tap;
  }
  const bool leaves = std::any_of(taps.first.begin(), taps.first.end(), [&](std::int64_t first) {
    return first + tap < 0 || first + tap >= axis.input;
  });
  return leaves || index.source != ir::kNone ? ir::outside(index, RDU_OUTSIDE_CLAMP) : index;
}

ValueId resize_nearest(ir::Builder& b, ValueId x, const Axes& axes, const ResizeRule& rule) {
  ir::Access access;
  Dims dims;
  for (std::uint32_t d = 0; d < axes.size(); ++d) {
    dims.push_back(axes[d].output);
    const bool kept = axes[d].scale == 1 && axes[d].input == axes[d].output;
    access.push_back(kept ? ir::along(d)
                          : position_index(b, resize_taps(axes[d], rule), axes[d], d, 0));
  }
  return b.map(b.dtype(x), dims, {b.read(x, access)},
               [](Body& body, std::span<const Reg> r) { body.result(r[0]); });
}

// One axis, few taps: a map that reads each tap and its weight.
ValueId blend_taps(ir::Builder& b, ValueId x, std::uint32_t d, const ResizeAxis& axis,
                   const AxisTaps& taps, ValueId weights) {
  Dims dims = b.dims(x);
  dims[d] = axis.output;
  std::vector<ir::Read> reads;
  for (std::int64_t k = 0; k < taps.count; ++k) {
    ir::Access access = ir::identity_access(dims.size());
    access[d] = position_index(b, taps, axis, d, k);
    reads.push_back(b.read(x, access));
    reads.push_back(b.read(weights, {ir::along(d), ir::at(k)}));
  }
  return b.map(b.dtype(weights), dims, reads, [&](Body& body, std::span<const Reg> r) {
    Reg sum = body.mul(body.cast(r[0], r[1].dtype), r[1]);
    for (std::size_t k = 2; k < r.size(); k += 2) {
      sum = body.add(sum, body.mul(body.cast(r[k], r[1].dtype), r[k + 1]));
    }
    body.result(sum);
  });
}

// One axis, many taps: a reduction over them.
ValueId reduce_taps(ir::Builder& b, ValueId x, std::uint32_t d, const ResizeAxis& axis,
                    const AxisTaps& taps, ValueId weights) {
  ir::ReduceSpec spec;
  spec.dims = b.dims(x);
  spec.dims[d] = axis.output;
  for (const std::int64_t extent : spec.dims) {
    spec.loops.push_back({extent, ir::kNone, RDU_LOOP_PLAIN});
  }
  spec.num_parallel = static_cast<std::uint32_t>(spec.loops.size());
  spec.loops.push_back({taps.count, ir::kNone, RDU_LOOP_PLAIN});
  const Dims dims{axis.output};
  ir::Index index;
  index.source = b.add_constant(
      ir::make_tensor(RDU_DTYPE_I64, dims, std::span<const std::int64_t>(taps.first)));
  index.source_access = {ir::along(d)};
  index.terms = {{spec.num_parallel, 1}};
  ir::Access access = ir::identity_access(spec.dims.size());
  access[d] = ir::outside(index, RDU_OUTSIDE_CLAMP);
  spec.dtype = spec.acc_dtype = b.dtype(weights);
  spec.reads = {b.read(x, access), b.read(weights, {ir::along(d), ir::along(spec.num_parallel)})};
  spec.body = [](Body& body, std::span<const Reg> r) {
    body.result(body.mul(body.cast(r[0], r[1].dtype), r[1]));
  };
  return b.reduce(std::move(spec));
}

// Outside the region of interest the result is the extrapolation value.
ValueId extrapolate(ir::Builder& b, ValueId x, std::uint32_t d, const AxisTaps& taps,
                    double value) {
  const std::vector<std::int64_t> inside(taps.inside.begin(), taps.inside.end());
  const Dims dims{static_cast<std::int64_t>(inside.size())};
  const ValueId mask =
      b.add_constant(ir::make_tensor(RDU_DTYPE_BOOL, dims, std::span<const std::int64_t>(inside)));
  std::vector<ir::Read> reads{b.read(x, ir::identity_access(b.dims(x).size())),
                              b.read(mask, {ir::along(d)})};
  return b.map(b.dtype(x), b.dims(x), reads, [value](Body& body, std::span<const Reg> r) {
    body.result(body.select(r[1], r[0], body.like(r[0], value)));
  });
}

ValueId resize_weighted(ir::Builder& b, ValueId x, const Axes& axes, const ResizeRule& rule) {
  constexpr std::int64_t kMostReads = 4;
  const rdu_dtype dtype = b.dtype(x), compute = is_float(dtype) ? wide(dtype) : RDU_DTYPE_F32;
  for (std::uint32_t d = 0; d < axes.size(); ++d) {
    const ResizeAxis& axis = axes[d];
    if (axis.scale == 1 && axis.input == axis.output && rule.coordinates != "tf_crop_and_resize") {
      continue;
    }
    const AxisTaps taps = resize_taps(axis, rule);
    const ValueId weights = b.add_constant(
        ir::make_tensor(compute, {axis.output, taps.count}, std::span<const double>(taps.weights)));
    const auto emit = taps.count <= kMostReads ? blend_taps : reduce_taps;
    x = emit(b, x, d, axis, taps, weights);
  }
  return b.cast(x, dtype);
}

ResizeRule read_rule(const OpCall& call) {
  ResizeRule rule;
  const std::string mode = call.attr_s("mode", "nearest");
  if (mode == "linear" || mode == "bilinear") {
    rule.mode = ResizeMode::kLinear;
  } else if (mode == "cubic") {
    rule.mode = ResizeMode::kCubic;
  } else if (mode != "nearest") {
    call.unsupported("attribute mode = '" + mode + "'");
  }
  if (call.opset() < 11) {
    rule.coordinates = "asymmetric";
    rule.nearest = "floor";
    return rule;
  }
  rule.coordinates = call.attr_s("coordinate_transformation_mode", "half_pixel");
  rule.nearest = call.attr_s("nearest_mode", "round_prefer_floor");
  rule.cubic_a = call.attr_f("cubic_coeff_a", -0.75);
  rule.exclude_outside = call.attr_i("exclude_outside", 0) != 0;
  rule.antialias = call.attr_i("antialias", 0) != 0 && rule.mode != ResizeMode::kNearest;
  for (const char* known :
       {"half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners", "asymmetric",
        "tf_half_pixel_for_nn", "tf_crop_and_resize"}) {
    if (rule.coordinates == known) return rule;
  }
  call.unsupported("attribute coordinate_transformation_mode = '" + rule.coordinates + "'");
}

// Positions and weights are tables of this length at most.
constexpr std::int64_t kLongestAxis = std::int64_t{1} << 24;

void emit_resize(OpCall& call, const Axes& axes, const ResizeRule& rule) {
  for (const ResizeAxis& axis : axes) {
    const bool resized = axis.output != axis.input || axis.scale != 1;
    if (resized && std::max(axis.output, axis.input) > kLongestAxis) {
      call.unsupported("an axis resized from " + std::to_string(axis.input) + " to " +
                       std::to_string(axis.output));
    }
  }
  ir::Builder& b = call.b();
  ValueId y = rule.mode == ResizeMode::kNearest ? resize_nearest(b, call.input(0), axes, rule)
                                                : resize_weighted(b, call.input(0), axes, rule);
  if (rule.coordinates == "tf_crop_and_resize") {
    const double value = call.attr_f("extrapolation_value", 0);
    for (std::uint32_t d = 0; d < axes.size(); ++d) {
      const AxisTaps taps = resize_taps(axes[d], rule);
      const bool whole =
          std::all_of(taps.inside.begin(), taps.inside.end(), [](bool i) { return i; });
      if (!whole) y = extrapolate(b, y, d, taps, value);
    }
  }
  call.set_output(0, y);
}

Axes axes_of(const OpCall& call) {
  Axes axes;
  for (const std::int64_t extent : call.dims(0)) axes.push_back({extent, extent, 1, 0, 1});
  return axes;
}

std::vector<std::int64_t> all_axes(const OpCall& call) {
  std::vector<std::int64_t> axes(call.dims(0).size());
  std::iota(axes.begin(), axes.end(), 0);
  return axes;
}

// Upsample 1 has two attributes for an image's scales, Upsample 7 one for all; since Upsample 9 and
// Resize 10 they are input 1.
std::vector<double> upsample_scales(const OpCall& call) {
  if (call.opset() >= 9) return call.required_constant(1, "the scales").to_f64();
  if (call.opset() >= 7) return call.attr_floats("scales");
  return {1, 1, call.attr_f("height_scale", 1), call.attr_f("width_scale", 1)};
}

void import_upsample(OpCall& call) {
  Axes axes = axes_of(call);
  scale_axes(call, axes, all_axes(call), upsample_scales(call));
  emit_resize(call, axes, read_rule(call));
}

void import_resize_11(OpCall& call) {
  Axes axes = axes_of(call);
  std::vector<std::int64_t> which = call.attr_ints("axes", all_axes(call));
  for (std::int64_t& axis : which) axis = normalise_axis(call, axis, call.rank(0));
  const ResizeRule rule = read_rule(call);
  if (call.has_input(3)) {
    size_axes(call, axes, which, call.required_constant(3, "the sizes").to_i64());
  } else {
    scale_axes(call, axes, which, call.required_constant(2, "the scales").to_f64());
  }
  if (rule.coordinates == "tf_crop_and_resize") {
    const std::vector<double> roi = call.required_constant(1, "the region").to_f64();
    if (roi.size() != 2 * which.size()) call.invalid("roi has the wrong length");
    for (std::size_t i = 0; i < which.size(); ++i) {
      ResizeAxis& axis = axes[static_cast<std::size_t>(which[i])];
      axis.roi_start = roi[i];
      axis.roi_end = roi[which.size() + i];
    }
  }
  emit_resize(call, axes, rule);
}

constexpr OpEntry kOps[] = {
    {"", "Resize", 10, import_upsample},
    {"", "Resize", 11, import_resize_11},
    {"", "Upsample", 1, import_upsample},
};

}  // namespace

std::span<const OpEntry> resize_ops() { return kOps; }

}  // namespace rducc::import_onnx
