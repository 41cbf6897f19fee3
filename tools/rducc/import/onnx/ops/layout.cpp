// Operators that move elements without computing: reshapes, permutations, pieces and joins.
#include <algorithm>
#include <numeric>

#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {
namespace {

// The sizes that a Reshape asks for; until opset 5 an attribute.
std::vector<ir::Affine> read_shape(const OpCall& call) {
  if (call.opset() >= 5) return call.required_integers(1, "the shape");
  std::vector<ir::Affine> sizes;
  for (const std::int64_t size : call.attr_ints("shape")) sizes.push_back(ir::Affine::of(size));
  return sizes;
}

// What a run decides is "?".
std::string sizes_text(std::span<const ir::Affine> sizes) {
  std::string text;
  for (const ir::Affine& size : sizes) {
    text += (text.empty() ? "" : ",") +
            (size.is_constant() ? std::to_string(size.constant) : std::string("?"));
  }
  return "[" + text + "]";
}

// What is left of a shape when other extents are taken out of it: a constant number, times at most
// one extent that a run decides.
struct Remainder {
  std::int64_t constant = 1;
  std::vector<ir::Extent> runtime;

  bool remove(const ir::Extent& extent) {
    if (extent.is_constant()) {
      const bool divides = extent.bound != 0 && constant % extent.bound == 0;
      if (divides) constant /= extent.bound;
      return divides;
    }
    const auto found = std::find_if(runtime.begin(), runtime.end(), [&](const ir::Extent& other) {
      return ir::same_extent(extent, other);
    });
    if (found == runtime.end()) return false;
    runtime.erase(found);
    return true;
  }
};

// The extent of a -1.
ir::Extent infer_extent(OpCall& call, const ir::Shape& from, const ir::Shape& stated) {
  Remainder rest;
  for (const ir::Extent& extent : from) {
    if (extent.is_constant()) {
      rest.constant *= extent.bound;
    } else {
      rest.runtime.push_back(extent);
    }
  }
  if (rest.constant == 0) return {0, ir::kNone};
  for (const ir::Extent& extent : stated) {
    if (!rest.remove(extent)) {
      call.invalid("cannot reshape " + ir::to_text(from) + " to " + ir::to_text(stated) +
                   " and the rest");
    }
  }
  if (rest.runtime.empty()) return {rest.constant, ir::kNone};
  if (rest.runtime.size() == 1 && rest.constant == 1) return rest.runtime[0];
  call.unsupported("a reshape of " + ir::to_text(from) +
                   " that merges a dimension of run-time extent with others");
}

// 0 copies an extent of the input (unless allowzero), -1 is what is left.
void import_reshape(OpCall& call) {
  const ir::Shape from = call.shape(0);
  const std::vector<ir::Affine> sizes = read_shape(call);
  ir::Shape shape, stated;
  std::optional<std::size_t> inferred;
  for (std::size_t d = 0; d < sizes.size(); ++d) {
    const bool copied = sizes[d] == ir::Affine::of(0) && call.attr_i("allowzero", 0) == 0;
    if (copied && d >= from.size()) {
      call.invalid("shape " + sizes_text(sizes) + " copies an extent that is not there");
    }
    if (sizes[d] == ir::Affine::of(-1) && !inferred) {
      inferred = d;
      shape.emplace_back();
      continue;
    }
    if (call.b().range(sizes[d]).high < 0) call.invalid("shape " + sizes_text(sizes));
    shape.push_back(copied ? from[d] : call.b().extent(sizes[d]));
    stated.push_back(shape.back());
  }
  if (inferred) shape[*inferred] = infer_extent(call, from, stated);
  const bool known = ir::is_constant(from) && ir::is_constant(shape);
  if (known && ir::num_elements(ir::bounds_of(from)) != ir::num_elements(ir::bounds_of(shape))) {
    call.invalid("cannot reshape " + ir::to_text(from) + " to " + ir::to_text(shape));
  }
  call.set_output(0, call.b().reshape_to(call.input(0), shape));
}

// The extents as one: their product, or the only one that a run decides.
ir::Extent merged(OpCall& call, std::span<const ir::Extent> extents) {
  ir::Extent result;
  for (const ir::Extent& extent : extents) {
    if (result.is_one()) {
      result = extent;
    } else if (result.is_constant() && extent.is_constant()) {
      result.bound *= extent.bound;
    } else if (!extent.is_one()) {
      call.unsupported("flattening of " + ir::to_text(extents));
    }
  }
  return result;
}

void import_flatten(OpCall& call) {
  const ir::Shape shape = call.shape(0);
  std::int64_t axis = call.attr_i("axis", 1);
  if (axis != call.rank(0)) axis = normalise_axis(call, axis, call.rank(0));
  const std::span<const ir::Extent> all(shape);
  const auto split = static_cast<std::size_t>(axis);
  ir::num_elements(ir::bounds_of(shape));
  const ir::Shape flat{merged(call, all.first(split)), merged(call, all.subspan(split))};
  call.set_output(0, call.b().reshape_to(call.input(0), flat));
}

void import_squeeze(OpCall& call) {
  const ir::Shape shape = call.shape(0);
  const auto given = ints_from(call, 1, "axes", "the axes");
  const auto axes = normalise_axes(call, given.value_or(std::vector<std::int64_t>{}), call.rank(0));
  ir::Shape kept;
  for (std::int64_t d = 0; d < call.rank(0); ++d) {
    const ir::Extent& extent = shape[static_cast<std::size_t>(d)];
    const bool named = std::binary_search(axes.begin(), axes.end(), d);
    if (named && !extent.is_one()) {
      call.invalid("axis " + std::to_string(d) + " of " + ir::to_text(shape) + " is not 1");
    }
    if (given ? !named : !extent.is_one()) kept.push_back(extent);
  }
  call.set_output(0, call.b().reshape_to(call.input(0), kept));
}

void import_unsqueeze(OpCall& call) {
  const auto given = ints_from(call, 1, "axes", "the axes");
  if (!given) call.invalid("has no axes");
  const std::int64_t rank = call.rank(0) + static_cast<std::int64_t>(given->size());
  const auto axes = normalise_axes(call, *given, rank);
  ir::Shape shape = call.shape(0);
  for (const std::int64_t axis : axes) shape.insert(shape.begin() + axis, ir::Extent{});
  call.set_output(0, call.b().reshape_to(call.input(0), shape));
}

void import_transpose(OpCall& call) {
  std::vector<std::int64_t> perm(static_cast<std::size_t>(call.rank(0)));
  std::iota(perm.rbegin(), perm.rend(), 0);
  perm = call.attr_ints("perm", perm);
  std::vector<std::int64_t> sorted = normalise_axes(call, perm, call.rank(0));
  if (sorted.size() != static_cast<std::size_t>(call.rank(0))) {
    call.invalid("perm = " + to_text(perm) + " for an input of rank " +
                 std::to_string(call.rank(0)));
  }
  for (std::int64_t& axis : perm) axis = normalise_axis(call, axis, call.rank(0));
  call.set_output(0, call.b().transpose(call.input(0), perm));
}

void import_expand(OpCall& call) {
  ir::Shape shape;
  for (const ir::Affine& size : call.required_integers(1, "the shape")) {
    shape.push_back(call.b().extent(size));
  }
  call.set_output(0, call.b().expand_to(call.input(0), ir::broadcast_shape(call.shape(0), shape)));
}

void import_concat(OpCall& call) {
  if (!call.has_attr("axis") && call.opset() >= 4) call.invalid("has no attribute axis");
  const std::vector<ValueId> parts = call.inputs();
  if (parts.empty()) call.invalid("has no input");
  const std::int64_t axis = normalise_axis(call, call.attr_i("axis", 1), call.rank(0));
  require_same_dtype(call, 0, call.num_inputs());
  const ir::Shape first = call.shape(0);
  for (const ValueId part : parts) {
    const ir::Shape shape = call.b().shape(part);
    bool agrees = shape.size() == first.size();
    for (std::size_t d = 0; agrees && d < shape.size(); ++d) {
      const bool constant = shape[d].is_constant() && first[d].is_constant();
      const bool free = static_cast<std::int64_t>(d) == axis || !constant;
      agrees = free || shape[d].bound == first[d].bound;
    }
    if (!agrees) {
      call.invalid("inputs of shapes " + ir::to_text(first) + " and " + ir::to_text(shape) +
                   " along axis " + std::to_string(axis));
    }
  }
  call.set_output(0, call.b().concat(parts, axis));
}

// The sizes of the parts: given, or as equal as they can be with the last one smaller.
std::vector<std::int64_t> split_sizes(const OpCall& call, std::int64_t extent) {
  if (const auto given = ints_from(call, 1, "split", "the sizes of the parts")) {
    if (given->size() < call.num_outputs()) {
      call.invalid("split = " + to_text(*given) + " for " + std::to_string(call.num_outputs()) +
                   " outputs");
    }
    return *given;
  }
  const auto parts = call.attr_i("num_outputs", static_cast<std::int64_t>(call.num_outputs()));
  if (parts != static_cast<std::int64_t>(call.num_outputs())) {
    call.invalid("num_outputs = " + std::to_string(parts));
  }
  const std::int64_t size = (extent + parts - 1) / parts;
  std::vector<std::int64_t> sizes;
  for (std::int64_t left = extent; static_cast<std::int64_t>(sizes.size()) < parts; left -= size) {
    sizes.push_back(std::clamp<std::int64_t>(left, 0, size));
  }
  return sizes;
}

// Parts of an axis whose length, or theirs, a run decides.
void split_runtime(OpCall& call, std::size_t axis) {
  ir::Builder& b = call.b();
  if (!call.has_input(1)) call.unsupported("equal parts of a dimension of run-time extent");
  const auto sizes = call.required_integers(1, "the sizes of the parts");
  if (sizes.size() != call.num_outputs()) {
    call.invalid("split has " + std::to_string(sizes.size()) + " sizes for " +
                 std::to_string(call.num_outputs()) + " outputs");
  }
  ir::Affine start;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    if (call.wants_output(i)) {
      call.set_output(i, b.slice_axis(call.input(0), axis, start, 1, b.extent(sizes[i])));
    }
    start = ir::sum(start, sizes[i]).value_or(ir::Affine{});
  }
  const ir::Shape shape = call.shape(0);
  if (start != b.affine(shape[axis])) {
    call.invalid("split = " + sizes_text(sizes) + " of an axis of " + ir::to_text(shape));
  }
}

void import_split(OpCall& call) {
  const std::int64_t axis = normalise_axis(call, call.attr_i("axis", 0), call.rank(0));
  const auto at = static_cast<std::size_t>(axis);
  const bool given = call.opset() >= 13 && call.has_input(1);
  if (!call.shape(0)[at].is_constant() || (given && !call.constant(1))) {
    return split_runtime(call, at);
  }
  const std::int64_t extent = call.shape(0)[at].bound;
  const std::vector<std::int64_t> sizes = split_sizes(call, extent);
  const bool negative = std::any_of(sizes.begin(), sizes.end(), [](auto n) { return n < 0; });
  if (negative || std::accumulate(sizes.begin(), sizes.end(), std::int64_t{0}) != extent) {
    call.invalid("split = " + to_text(sizes) + " of an axis of " + std::to_string(extent));
  }
  const Dims from = call.b().dims(call.input(0));
  std::vector<std::int64_t> starts(from.size(), 0);
  const std::vector<std::int64_t> steps(from.size(), 1);
  for (std::size_t i = 0; i < call.num_outputs(); ++i) {
    Dims dims = from;
    dims[at] = sizes[i];
    if (call.wants_output(i)) {
      call.set_output(i, call.b().slice(call.input(0), starts, steps, dims));
    }
    starts[at] += sizes[i];
  }
}

// One number per dimension; until opset 5 a number and the axis that it is for.
std::vector<ir::Affine> read_repeats(const OpCall& call) {
  const std::vector<ir::Affine> repeats = call.required_integers(1, "the repeats");
  if (call.opset() >= 6) return repeats;
  const std::vector<std::int64_t> axis = call.required_constant(2, "the axis").to_i64();
  if (repeats.size() != 1 || axis.size() != 1) call.invalid("tiles and axis must be scalars");
  std::vector<ir::Affine> all(static_cast<std::size_t>(call.rank(0)), ir::Affine::of(1));
  all[static_cast<std::size_t>(normalise_axis(call, axis[0], call.rank(0)))] = repeats[0];
  return all;
}

// `extent` repeated: one of them may be decided by a run, not both.
ir::Extent tiled(OpCall& call, const ir::Extent& extent, const ir::Affine& repeats) {
  const ir::Interval range = call.b().range(repeats);
  if (range.low < 0 || (range.high > kMostStated && extent.bound > 0) ||
      extent.bound > kMostStated) {
    call.invalid("repeats = " + std::to_string(range.low) + " to " + std::to_string(range.high) +
                 " of " + std::to_string(extent.bound));
  }
  const auto product = repeats.is_constant() ? ir::scaled(call.b().affine(extent), repeats.constant)
                                             : ir::scaled(repeats, extent.bound);
  if (!product || (!repeats.is_constant() && !extent.is_constant())) {
    call.unsupported("repetitions of a dimension, both known at run time only");
  }
  return call.b().extent(*product);
}

void import_tile(OpCall& call) {
  const std::vector<ir::Affine> repeats = read_repeats(call);
  const ir::Shape from = call.shape(0);
  if (repeats.size() != from.size()) {
    call.invalid(std::to_string(repeats.size()) + " repeats for an input of shape " +
                 ir::to_text(from));
  }
  ir::Shape shape;
  ir::Access access;
  for (std::size_t d = 0; d < from.size(); ++d) {
    const bool once = repeats[d] == ir::Affine::of(1);
    shape.push_back(once ? from[d] : tiled(call, from[d], repeats[d]));
    access.push_back(ir::along(static_cast<std::uint32_t>(d)));
    if (once) continue;
    if (!from[d].is_constant()) call.unsupported("repetitions of a dimension of run-time extent");
    access.back().mod = from[d].bound;
  }
  ir::Builder& b = call.b();
  call.set_output(0, ir::same_shape(shape, from)
                         ? call.input(0)
                         : b.map(call.dtype(0), shape, {b.read(call.input(0), access)},
                                 [](Body& body, std::span<const Reg> r) { body.result(r[0]); }));
}

// [N, C, H, W] between depth and space, as reshape → transpose → reshape.
void rearrange_blocks(OpCall& call, Dims split, const std::vector<std::int64_t>& perm, Dims dims) {
  ir::Builder& b = call.b();
  const ValueId blocks = b.reshape(call.input(0), std::move(split));
  call.set_output(0, b.reshape(b.transpose(blocks, perm), std::move(dims)));
}

std::int64_t block_size(const OpCall& call) {
  const std::int64_t size = call.attr_i("blocksize", 0);
  if (size < 1 || size > kMostStated || call.rank(0) != 4) {
    call.invalid("blocksize = " + std::to_string(size) + " for an input of shape " +
                 to_text(call.dims(0)));
  }
  return size;
}

void import_depth_to_space(OpCall& call) {
  const std::int64_t s = block_size(call);
  const Dims d = call.dims(0);
  if (d[1] % (s * s)) call.invalid("blocksize = " + std::to_string(s) + " for " + to_text(d));
  const std::string mode = call.attr_s("mode", "DCR");
  const std::int64_t depth = d[1] / (s * s);
  const Dims dims{d[0], depth, d[2] * s, d[3] * s};
  if (mode == "DCR") {
    return rearrange_blocks(call, {d[0], s, s, depth, d[2], d[3]}, {0, 3, 4, 1, 5, 2}, dims);
  }
  if (mode != "CRD") call.invalid("attribute mode = '" + mode + "'");
  rearrange_blocks(call, {d[0], depth, s, s, d[2], d[3]}, {0, 1, 4, 2, 5, 3}, dims);
}

void import_space_to_depth(OpCall& call) {
  const std::int64_t s = block_size(call);
  const Dims d = call.dims(0);
  if (d[2] % s || d[3] % s) {
    call.invalid("blocksize = " + std::to_string(s) + " for " + to_text(d));
  }
  const std::int64_t h = d[2] / s, w = d[3] / s;
  rearrange_blocks(call, {d[0], d[1], h, s, w, s}, {0, 3, 5, 1, 2, 4}, {d[0], d[1] * s * s, h, w});
}

constexpr OpEntry kOps[] = {
    {"", "Concat", 1, import_concat},       {"", "DepthToSpace", 1, import_depth_to_space},
    {"", "Expand", 8, import_expand},       {"", "Flatten", 1, import_flatten},
    {"", "Reshape", 1, import_reshape},     {"", "SpaceToDepth", 1, import_space_to_depth},
    {"", "Split", 1, import_split},         {"", "Squeeze", 1, import_squeeze},
    {"", "Tile", 1, import_tile},           {"", "Transpose", 1, import_transpose},
    {"", "Unsqueeze", 1, import_unsqueeze},
};

}  // namespace

std::span<const OpEntry> layout_ops() { return kOps; }

}  // namespace rducc::import_onnx
