// Comparing, broadcasting and regrouping of shapes with run-time extents.
#include "tools/rducc/ir/extent.hpp"

#include <algorithm>

#include "tools/rducc/ir/builder.hpp"
#include "tools/rducc/ir/compose.hpp"
#include "tools/rducc/ir/error.hpp"

namespace rducc::ir {
namespace {

[[noreturn]] void refuse_broadcast(std::span<const Extent> a, std::span<const Extent> b) {
  throw CompileError(CompileErrorKind::kInvalid,
                     "shapes " + to_text(a) + " and " + to_text(b) + " do not broadcast");
}

std::size_t next_runtime(std::span<const Extent> shape, std::size_t from) {
  while (from < shape.size() && shape[from].is_constant()) ++from;
  return from;
}

// Constant extents [first, end) of `from` read by loops [first_loop, end_loop), which are over `to`.
std::optional<Access> regroup(std::span<const Extent> from, std::span<const Extent> to,
                              std::size_t first_loop, std::span<const std::int64_t> extents) {
  const Dims from_dims = bounds_of(from), to_dims = bounds_of(to);
  const std::int64_t count = num_elements(from_dims);
  if (count != num_elements(to_dims)) return std::nullopt;
  if (count == 0) return Access(from.size(), at(0));
  return reshape_access(identity_access(to.size(), static_cast<std::uint32_t>(first_loop)), to_dims,
                        from_dims, extents);
}

}  // namespace

bool same_extent(const Extent& a, const Extent& b) {
  return a.value == b.value && (!a.is_constant() || a.bound == b.bound);
}

bool same_shape(std::span<const Extent> a, std::span<const Extent> b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), same_extent);
}

bool is_constant(std::span<const Extent> shape) { return next_runtime(shape, 0) == shape.size(); }

Shape constant_shape(std::span<const std::int64_t> dims) {
  Shape shape;
  for (const std::int64_t dim : dims) shape.push_back({dim, kNone});
  return shape;
}

Dims bounds_of(std::span<const Extent> shape) {
  Dims dims;
  for (const Extent& extent : shape) dims.push_back(extent.bound);
  return dims;
}

std::vector<ValueId> values_of(std::span<const Extent> shape) {
  if (is_constant(shape)) return {};
  std::vector<ValueId> values;
  for (const Extent& extent : shape) values.push_back(extent.value);
  return values;
}

Loop loop_over(const Extent& extent, std::uint32_t role) {
  return {extent.bound, extent.value, role};
}

std::vector<Loop> loops_over(std::span<const Extent> shape) {
  std::vector<Loop> loops;
  for (const Extent& extent : shape) loops.push_back(loop_over(extent));
  return loops;
}

Shape broadcast_shape(std::span<const Extent> a, std::span<const Extent> b) {
  if (a.size() < b.size()) return broadcast_shape(b, a);
  Shape result(a.begin(), a.end());
  const std::size_t shift = a.size() - b.size();
  for (std::size_t i = 0; i < b.size(); ++i) {
    Extent& extent = result[i + shift];
    if (extent.is_one()) {
      extent = b[i];
    } else if (b[i].is_one()) {
      continue;
    } else if (extent.is_constant() && b[i].is_constant()) {
      if (extent.bound != b[i].bound) refuse_broadcast(a, b);
    } else if (same_extent(extent, b[i])) {
      extent.bound = std::min(extent.bound, b[i].bound);
    } else if (b[i].is_constant()) {
      extent = b[i];
    }
  }
  return result;
}

Access broadcast_access(std::span<const Extent> shape, std::span<const Extent> out) {
  if (shape.size() > out.size()) refuse_broadcast(shape, out);
  const std::size_t shift = out.size() - shape.size();
  Access access;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const Extent &from = shape[i], &to = out[i + shift];
    Index index = along(static_cast<std::uint32_t>(i + shift));
    if (from.is_one() && !to.is_one()) {
      index = at(0);
    } else if (from.is_constant() && to.is_constant()) {
      if (from.bound != to.bound) refuse_broadcast(shape, out);
    } else if (!same_extent(from, to)) {
      index.outside = RDU_OUTSIDE_ERROR;
    }
    access.push_back(std::move(index));
  }
  return access;
}

std::optional<Access> reshape_view(std::span<const Extent> from, std::span<const Extent> to) {
  const Dims extents = bounds_of(to);
  Access access;
  std::size_t f = 0, t = 0;
  while (true) {
    const std::size_t end_f = next_runtime(from, f), end_t = next_runtime(to, t);
    const auto part = regroup(from.subspan(f, end_f - f), to.subspan(t, end_t - t), t, extents);
    if (!part) return std::nullopt;
    access.insert(access.end(), part->begin(), part->end());
    if (end_f == from.size() && end_t == to.size()) return access;
    if (end_f == from.size() || end_t == to.size()) return std::nullopt;
    if (!same_extent(from[end_f], to[end_t])) return std::nullopt;
    access.push_back(along(static_cast<std::uint32_t>(end_t)));
    f = end_f + 1;
    t = end_t + 1;
  }
}

std::string to_text(std::span<const Extent> shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    text += (i ? "," : "") + std::string(shape[i].is_constant() ? "" : "≤") +
            std::to_string(shape[i].bound);
  }
  return text + "]";
}

}  // namespace rducc::ir
