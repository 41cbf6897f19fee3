// Slice and Pad: affine accesses with numpy's clamping of bounds, and every rule for the outside.
#include <algorithm>
#include <cstdlib>
#include <functional>

#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {
namespace {

struct SliceBounds {
  std::vector<ir::Affine> starts, ends;
  std::vector<std::int64_t> axes, steps;
};

std::vector<ir::Affine> known_integers(const std::vector<std::int64_t>& values) {
  std::vector<ir::Affine> integers;
  for (const std::int64_t value : values) integers.push_back(ir::Affine::of(value));
  return integers;
}

SliceBounds read_bounds(const OpCall& call) {
  SliceBounds s;
  if (call.opset() < 10) {
    s.starts = known_integers(call.attr_ints("starts"));
    s.ends = known_integers(call.attr_ints("ends"));
    s.axes = call.attr_ints("axes");
  } else {
    s.starts = call.required_integers(1, "the starts");
    s.ends = call.required_integers(2, "the ends");
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

// One axis of a slice: from where on and how far, in the direction of the step.
struct SliceRange {
  ir::Affine start, span;
};

// A bound as numpy counts and clamps it, where the ranges of what is not known decide.
std::optional<ir::Affine> clamp_bound(const ir::Builder& b, const ir::Affine& bound,
                                      const ir::Affine& extent, bool forward) {
  const auto lowest = ir::Affine::of(forward ? 0 : -1);
  const auto highest = forward ? extent : ir::sum(extent, ir::Affine::of(-1)).value_or(extent);
  const ir::Interval range = b.range(bound);
  // Beyond any extent: where a slice goes to the end.
  constexpr std::int64_t kFar = std::int64_t{1} << 48;
  if (range.low >= kFar) return highest;
  if (range.high <= -kFar) return lowest;
  if (range.low < 0 && range.high >= 0) return std::nullopt;
  const auto counted = range.low >= 0 ? std::optional(bound) : ir::sum(bound, extent);
  const auto above = counted ? ir::difference(*counted, highest) : std::nullopt;
  const auto below = counted ? ir::difference(*counted, lowest) : std::nullopt;
  if (!above || !below) return std::nullopt;
  const ir::Interval over = b.range(*above), under = b.range(*below);
  if (under.high <= 0) return lowest;
  if (over.low >= 0) return highest;
  return over.high <= 0 && under.low >= 0 ? counted : std::nullopt;
}

std::optional<SliceRange> decide_range(const ir::Builder& b, const ir::Affine& start,
                                       const ir::Affine& end, const ir::Affine& extent,
                                       std::int64_t step) {
  const auto first = clamp_bound(b, start, extent, step > 0);
  const auto last = clamp_bound(b, end, extent, step > 0);
  if (!first || !last) return std::nullopt;
  const auto span = step > 0 ? ir::difference(*last, *first) : ir::difference(*first, *last);
  if (!span) return std::nullopt;
  return SliceRange{*first, *span};
}

// A bound as numpy counts and clamps it, computed by the run.
ValueId clamp_at_run(ir::Builder& b, const ir::Affine& bound, const ir::Affine& extent,
                     bool forward) {
  const std::vector<ir::Read> reads{b.read(b.integer(bound), {}), b.read(b.integer(extent), {})};
  return b.map(RDU_DTYPE_I64, Dims{}, reads, [forward](Body& body, std::span<const Reg> r) {
    const auto number = [&](std::int64_t n) { return body.integer(RDU_DTYPE_I64, n); };
    const Reg negative = body.binary(RDU_OP_LT, r[0], number(0));
    const Reg counted = body.select(negative, body.add(r[0], r[1]), r[0]);
    const Reg highest = forward ? r[1] : body.sub(r[1], number(1));
    body.result(body.max(body.min(counted, highest), number(forward ? 0 : -1)));
  });
}

SliceRange compute_range(ir::Builder& b, const ir::Affine& start, const ir::Affine& end,
                         const ir::Extent& extent, std::int64_t step) {
  const ir::Affine length = b.affine(extent);
  const ValueId first = clamp_at_run(b, start, length, step > 0);
  const ValueId last = clamp_at_run(b, end, length, step > 0);
  const ValueId from = step > 0 ? first : last, to = step > 0 ? last : first;
  const ValueId span =
      b.elementwise(RDU_DTYPE_I64, {to, from},
                    [](Body& body, std::span<const Reg> r) { body.result(body.sub(r[0], r[1])); });
  // Clamping makes a span no longer; where it counts from the end it does so for both or for none.
  std::int64_t most = extent.bound;
  const auto stated = step > 0 ? ir::difference(end, start) : ir::difference(start, end);
  if (stated && b.range(*stated).low >= 0) most = std::min(most, b.range(*stated).high);
  b.limit(first, {-1, extent.bound});
  b.limit(span, {-extent.bound - 1, most});
  return {ir::Affine::of(ir::Symbol{first, 0}), ir::Affine::of(ir::Symbol{span, 0})};
}

void import_slice(OpCall& call) {
  const SliceBounds s = read_bounds(call);
  normalise_axes(call, s.axes, call.rank(0));
  ir::Builder& b = call.b();
  ValueId value = call.input(0);
  // Axes whose bounds are known are cut at once, the others one by one.
  std::vector<std::int64_t> starts(b.dims(value).size(), 0), steps(b.dims(value).size(), 1);
  Dims dims = b.dims(value);
  std::vector<std::function<void()>> cuts;
  for (std::size_t i = 0; i < s.axes.size(); ++i) {
    const auto d = static_cast<std::size_t>(normalise_axis(call, s.axes[i], call.rank(0)));
    // No tensor is longer than this, and the step stays negatable.
    constexpr std::int64_t kFar = std::int64_t{1} << 48;
    const std::int64_t step = std::clamp(s.steps[i], -kFar, kFar);
    if (step == 0) call.invalid("step 0 along axis " + std::to_string(d));
    const ir::Extent extent = b.shape(value)[d];
    auto range = decide_range(b, s.starts[i], s.ends[i], b.affine(extent), step);
    if (!range) range = compute_range(b, s.starts[i], s.ends[i], extent, step);
    const ir::Extent length = steps_within(b, range->span, step);
    if (extent.is_constant() && range->start.is_constant() && length.is_constant()) {
      starts[d] = range->start.constant;
      steps[d] = length.bound <= 1 ? 1 : step;
      dims[d] = length.bound;
    } else {
      cuts.push_back([&b, &value, d, start = range->start, step, length] {
        value = b.slice_axis(value, d, start, step, length);
      });
    }
  }
  value = b.slice(value, starts, steps, dims);
  for (const auto& cut : cuts) cut();
  call.set_output(0, value);
}

// Pads per dimension, all begins then all ends, from wherever the opset keeps them.
std::vector<std::int64_t> read_pads(const OpCall& call) {
  const auto rank = static_cast<std::size_t>(call.rank(0));
  std::vector<std::int64_t> given = call.opset() < 11
                                        ? call.attr_ints(call.opset() < 2 ? "paddings" : "pads")
                                        : call.required_constant(1, "the pads").to_i64();
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
  const ir::Shape from = call.shape(0);
  ir::Shape shape = from;
  ir::Access access;
  for (std::size_t d = 0; d < from.size(); ++d) {
    const std::int64_t before = pads[d], after = pads[from.size() + d];
    const auto length = ir::sum(call.b().affine(from[d]), ir::Affine::of(before + after));
    if (!length || call.b().range(*length).high < 0) {
      call.invalid("pads = " + to_text(pads) + " for " + ir::to_text(from));
    }
    if (before != 0 || after != 0) shape[d] = call.b().extent(*length);
    if (shape[d].bound > 0 && from[d].bound == 0 && mode != "constant") {
      call.invalid("mode " + mode + " with an empty axis " + std::to_string(d));
    }
    ir::Index index = ir::along(static_cast<std::uint32_t>(d), 1, -before);
    if (mode == "wrap") {
      index.mod = before > 0 || after > 0 ? from[d].bound : 0;
      if (index.mod != 0 && !from[d].is_constant()) {
        call.unsupported("mode wrap along an axis of run-time extent");
      }
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
  call.set_output(0, call.b().map(call.dtype(0), shape, {read},
                                  [](Body& b, std::span<const Reg> r) { b.result(r[0]); }));
}

constexpr OpEntry kOps[] = {
    {"", "Pad", 1, import_pad},
    {"", "Slice", 1, import_slice},
};

}  // namespace

std::span<const OpEntry> slice_pad_ops() { return kOps; }

}  // namespace rducc::import_onnx
