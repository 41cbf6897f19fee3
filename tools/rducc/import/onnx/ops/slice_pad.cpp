// Slice and Pad: affine accesses with numpy's clamping of bounds, and every rule for the outside.
#include <algorithm>
#include <cstdlib>

#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {
namespace {

struct SliceBounds {
  std::vector<std::int64_t> starts, ends, axes, steps;
};

SliceBounds read_bounds(const OpCall& call) {
  SliceBounds s;
  if (call.opset() < 10) {
    s.starts = call.attr_ints("starts");
    s.ends = call.attr_ints("ends");
    s.axes = call.attr_ints("axes");
  } else {
    s.starts = call.required_constant(1, "the starts").to_i64();
    s.ends = call.required_constant(2, "the ends").to_i64();
    if (call.has_input(3)) s.axes = call.required_constant(3, "the axes").to_i64();
    if (call.has_input(4)) s.steps = call.required_constant(4, "the steps").to_i64();
  }
  if (s.axes.empty()) {
    for (std::size_t i = 0; i < s.starts.size(); ++i) {
      s.axes.push_back(static_cast<std::int64_t>(i));
    }
  }
  if (s.steps.empty()) s.steps.assign(s.starts.size(), 1);
  const std::size_t count = s.starts.size();
  if (s.ends.size() != count || s.axes.size() != count || s.steps.size() != count) {
    call.invalid("starts, ends, axes and steps differ in length");
  }
  return s;
}

// Limits of a bound for a step's direction, as numpy clamps them.
std::int64_t clamp_bound(std::int64_t bound, std::int64_t extent, bool forward) {
  if (bound < 0) bound = bound < -extent ? -1 : bound + extent;
  return forward ? std::clamp<std::int64_t>(bound, 0, extent)
                 : std::clamp<std::int64_t>(bound, -1, extent - 1);
}

void import_slice(OpCall& call) {
  const SliceBounds s = read_bounds(call);
  Dims dims = call.dims(0);
  normalise_axes(call, s.axes, call.rank(0));
  std::vector<std::int64_t> starts(dims.size(), 0), steps(dims.size(), 1);
  for (std::size_t i = 0; i < s.axes.size(); ++i) {
    const auto d = static_cast<std::size_t>(normalise_axis(call, s.axes[i], call.rank(0)));
    // No tensor is longer than this, and the step stays negatable.
    constexpr std::int64_t kFar = std::int64_t{1} << 48;
    const std::int64_t step = std::clamp(s.steps[i], -kFar, kFar);
    if (step == 0) call.invalid("step 0 along axis " + std::to_string(d));
    const std::int64_t start = clamp_bound(s.starts[i], dims[d], step > 0);
    const std::int64_t end = clamp_bound(s.ends[i], dims[d], step > 0);
    const std::int64_t span = step > 0 ? end - start : start - end;
    const std::int64_t stride = step > 0 ? step : -step;
    starts[d] = start;
    steps[d] = step;
    dims[d] = span <= 0 ? 0 : (span + stride - 1) / stride;
    if (dims[d] <= 1) steps[d] = 1;
  }
  call.set_output(0, call.b().slice(call.input(0), starts, steps, dims));
}

// Pads per dimension, all begins then all ends, from wherever the opset keeps them.
std::vector<std::int64_t> read_pads(const OpCall& call) {
  const auto rank = static_cast<std::size_t>(call.rank(0));
  std::vector<std::int64_t> given =
      call.opset() < 11 ? call.attr_ints("pads") : call.required_constant(1, "the pads").to_i64();
  std::vector<std::int64_t> axes(rank);
  for (std::size_t d = 0; d < rank; ++d) axes[d] = static_cast<std::int64_t>(d);
  if (call.has_input(3)) axes = call.required_constant(3, "the axes").to_i64();
  normalise_axes(call, axes, call.rank(0));
  if (given.size() != 2 * axes.size()) {
    call.invalid("pads = " + to_text(given) + " for " + std::to_string(axes.size()) + " axes");
  }
  std::vector<std::int64_t> pads(2 * rank, 0);
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const auto d = static_cast<std::size_t>(normalise_axis(call, axes[i], call.rank(0)));
    pads[d] = given[i];
    pads[rank + d] = given[axes.size() + i];
    if (std::max(std::abs(pads[d] / 2), std::abs(pads[rank + d] / 2)) > kMostStated) {
      call.invalid("pads = " + to_text(given));
    }
  }
  return pads;
}

std::uint32_t outside_rule(const OpCall& call, const std::string& mode) {
  if (mode == "constant") return RDU_OUTSIDE_FILL;
  if (mode == "edge") return RDU_OUTSIDE_CLAMP;
  if (mode == "reflect") return RDU_OUTSIDE_REFLECT;
  call.invalid("attribute mode = '" + mode + "'");
}

// What constant padding fills with: an attribute, a known scalar, or one known when it runs.
void set_fill(OpCall& call, ir::Read& read) {
  if (call.opset() < 11) {
    read.fill.f = call.attr_f("value", 0);
    return;
  }
  if (!call.has_input(2)) return;
  require_same_dtype(call, 0, 1);
  if (call.dtype(2) != call.dtype(0)) call.invalid("constant_value is not of the input's type");
  if (const auto constant = call.constant(2)) {
    if (constant->to_f64().empty()) return;
    if (is_float(call.dtype(0))) {
      read.fill.f = constant->to_f64()[0];
    } else {
      read.fill.i = constant->to_i64()[0];
    }
  } else {
    read.fill_value = call.b().reshape(call.input(2), {});
  }
}

void import_pad(OpCall& call) {
  const std::string mode = call.attr_s("mode", "constant");
  const std::vector<std::int64_t> pads = read_pads(call);
  const Dims from = call.dims(0);
  Dims dims = from;
  ir::Access access;
  for (std::size_t d = 0; d < dims.size(); ++d) {
    const std::int64_t before = pads[d], after = pads[dims.size() + d];
    dims[d] += before + after;
    if (dims[d] < 0) call.invalid("pads = " + to_text(pads) + " for " + to_text(from));
    if (dims[d] > 0 && from[d] == 0 && mode != "constant") {
      call.invalid("mode " + mode + " with an empty axis " + std::to_string(d));
    }
    ir::Index index = ir::along(static_cast<std::uint32_t>(d), 1, -before);
    if (mode == "wrap") {
      index.mod = before > 0 || after > 0 ? from[d] : 0;
    } else if (before > 0 || after > 0) {
      index.outside = outside_rule(call, mode);
    }
    access.push_back(index);
  }
  if (std::all_of(pads.begin(), pads.end(), [](std::int64_t pad) { return pad == 0; })) {
    return call.set_output(0, call.input(0));
  }
  ir::Read read = call.b().read(call.input(0), access);
  if (mode == "constant") set_fill(call, read);
  call.set_output(0, call.b().map(call.dtype(0), dims, {read},
                                  [](Body& b, std::span<const Reg> r) { b.result(r[0]); }));
}

constexpr OpEntry kOps[] = {
    {"", "Pad", 2, import_pad},
    {"", "Slice", 1, import_slice},
};

}  // namespace

std::span<const OpEntry> slice_pad_ops() { return kOps; }

}  // namespace rducc::import_onnx
