// Operators that move elements without computing: reshapes, permutations, pieces and joins.
#include <algorithm>
#include <numeric>

#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {
namespace {

// 0 copies an extent of the input (unless allowzero), -1 is what is left.
void import_reshape(OpCall& call) {
  const Dims from = call.dims(0);
  Dims dims = call.required_constant(1, "the shape").to_i64();
  const std::string wanted = to_text(dims);
  std::optional<std::size_t> inferred;
  for (std::size_t d = 0; d < dims.size(); ++d) {
    if (dims[d] == 0 && call.attr_i("allowzero", 0) == 0) {
      if (d >= from.size()) call.invalid("shape " + wanted + " copies an extent that is not there");
      dims[d] = from[d];
    }
    if (dims[d] == -1 && !inferred) {
      inferred = d;
    } else if (dims[d] < 0) {
      call.invalid("shape " + wanted);
    }
  }
  const std::int64_t total = ir::num_elements(from);
  if (inferred) {
    dims[*inferred] = 1;
    const std::int64_t known = ir::num_elements(dims);
    dims[*inferred] = known ? total / known : 0;
  }
  if (ir::num_elements(dims) != total) {
    call.invalid("cannot reshape " + to_text(from) + " to " + wanted);
  }
  call.set_output(0, call.b().reshape(call.input(0), dims));
}

void import_flatten(OpCall& call) {
  const Dims& dims = call.dims(0);
  std::int64_t axis = call.attr_i("axis", 1);
  if (axis != call.rank(0)) axis = normalise_axis(call, axis, call.rank(0));
  const std::span<const std::int64_t> all(dims);
  const auto split = static_cast<std::size_t>(axis);
  const Dims flat{ir::num_elements(all.first(split)), ir::num_elements(all.subspan(split))};
  call.set_output(0, call.b().reshape(call.input(0), flat));
}

void import_squeeze(OpCall& call) {
  const Dims& dims = call.dims(0);
  const auto given = ints_from(call, 1, "axes", "the axes");
  const auto axes = normalise_axes(call, given.value_or(std::vector<std::int64_t>{}), call.rank(0));
  Dims kept;
  for (std::int64_t d = 0; d < call.rank(0); ++d) {
    const std::int64_t extent = dims[static_cast<std::size_t>(d)];
    const bool named = std::binary_search(axes.begin(), axes.end(), d);
    if (named && extent != 1) {
      call.invalid("axis " + std::to_string(d) + " of " + to_text(dims) + " is not 1");
    }
    if (given ? !named : extent != 1) kept.push_back(extent);
  }
  call.set_output(0, call.b().reshape(call.input(0), kept));
}

void import_unsqueeze(OpCall& call) {
  const auto given = ints_from(call, 1, "axes", "the axes");
  if (!given) call.invalid("has no axes");
  const std::int64_t rank = call.rank(0) + static_cast<std::int64_t>(given->size());
  const auto axes = normalise_axes(call, *given, rank);
  Dims dims = call.dims(0);
  for (const std::int64_t axis : axes) dims.insert(dims.begin() + axis, 1);
  call.set_output(0, call.b().reshape(call.input(0), dims));
}

void import_transpose(OpCall& call) {
  std::vector<std::int64_t> perm(call.dims(0).size());
  std::iota(perm.rbegin(), perm.rend(), 0);
  perm = call.attr_ints("perm", perm);
  std::vector<std::int64_t> sorted = normalise_axes(call, perm, call.rank(0));
  if (sorted.size() != call.dims(0).size()) {
    call.invalid("perm = " + to_text(perm) + " for an input of rank " +
                 std::to_string(call.rank(0)));
  }
  for (std::int64_t& axis : perm) axis = normalise_axis(call, axis, call.rank(0));
  call.set_output(0, call.b().transpose(call.input(0), perm));
}

void import_expand(OpCall& call) {
  const Dims shape = call.required_constant(1, "the shape").to_i64();
  const Dims dims = ir::broadcast_dims(call.dims(0), shape);
  call.set_output(0, call.b().expand(call.input(0), dims));
}

void import_concat(OpCall& call) {
  if (!call.has_attr("axis")) call.invalid("has no attribute axis");
  const std::vector<ValueId> parts = call.inputs();
  if (parts.empty()) call.invalid("has no input");
  const std::int64_t axis = normalise_axis(call, call.attr_i("axis", 0), call.rank(0));
  require_same_dtype(call, 0, call.num_inputs());
  for (const ValueId part : parts) {
    Dims expected = call.dims(0);
    const Dims& dims = call.b().dims(part);
    if (dims.size() == expected.size()) {
      expected[static_cast<std::size_t>(axis)] = dims[static_cast<std::size_t>(axis)];
    }
    if (dims != expected) {
      call.invalid("inputs of shapes " + to_text(call.dims(0)) + " and " + to_text(dims) +
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

void import_split(OpCall& call) {
  const std::int64_t axis = normalise_axis(call, call.attr_i("axis", 0), call.rank(0));
  const auto at = static_cast<std::size_t>(axis);
  const std::int64_t extent = call.dims(0)[at];
  const std::vector<std::int64_t> sizes = split_sizes(call, extent);
  const bool negative = std::any_of(sizes.begin(), sizes.end(), [](auto n) { return n < 0; });
  if (negative || std::accumulate(sizes.begin(), sizes.end(), std::int64_t{0}) != extent) {
    call.invalid("split = " + to_text(sizes) + " of an axis of " + std::to_string(extent));
  }
  const Dims from = call.dims(0);
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

void import_tile(OpCall& call) {
  const std::vector<std::int64_t> repeats = call.required_constant(1, "the repeats").to_i64();
  const Dims from = call.dims(0);
  if (repeats.size() != from.size()) {
    call.invalid("repeats = " + to_text(repeats) + " for an input of shape " + to_text(from));
  }
  Dims dims = from;
  ir::Access access;
  for (std::size_t d = 0; d < dims.size(); ++d) {
    if (repeats[d] < 0 || (repeats[d] > kMostStated && dims[d] > 0) || dims[d] > kMostStated) {
      call.invalid("repeats = " + to_text(repeats) + " of " + to_text(from));
    }
    dims[d] *= repeats[d];
    access.push_back(ir::along(static_cast<std::uint32_t>(d)));
    if (repeats[d] != 1) access.back().mod = from[d];
  }
  ir::Builder& b = call.b();
  call.set_output(0, dims == from
                         ? call.input(0)
                         : b.map(call.dtype(0), dims, {b.read(call.input(0), access)},
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
    {"", "Concat", 4, import_concat},       {"", "DepthToSpace", 1, import_depth_to_space},
    {"", "Expand", 8, import_expand},       {"", "Flatten", 1, import_flatten},
    {"", "Reshape", 5, import_reshape},     {"", "SpaceToDepth", 1, import_space_to_depth},
    {"", "Split", 2, import_split},         {"", "Squeeze", 1, import_squeeze},
    {"", "Tile", 6, import_tile},           {"", "Transpose", 1, import_transpose},
    {"", "Unsqueeze", 1, import_unsqueeze},
};

}  // namespace

std::span<const OpEntry> layout_ops() { return kOps; }

}  // namespace rducc::import_onnx
