// Concatenation: a join of boxes, a pick where boxes have run-time extents, an append to a cache.
#include <algorithm>

#include "tools/rducc/analysis/fold.hpp"
#include "tools/rducc/ir/builder.hpp"
#include "tools/rducc/ir/error.hpp"

namespace rducc::ir {
namespace {

[[noreturn]] void refuse(CompileErrorKind kind, const std::string& message) {
  throw CompileError(kind, message);
}

void pass_through(Body& body, std::span<const Reg> reads) { body.result(reads[0]); }

// Extents that a run decides are compared by the run.
void require_joinable(const Shape& a, const Shape& b, std::size_t axis) {
  bool fits = a.size() == b.size() && axis < a.size();
  for (std::size_t i = 0; fits && i < a.size(); ++i) {
    fits = i == axis || !a[i].is_constant() || !b[i].is_constant() || a[i].bound == b[i].bound;
  }
  if (fits) return;
  throw CompileError(CompileErrorKind::kInvalid, "tensors of shapes " + to_text(a) + " and " +
                                                     to_text(b) + " do not join along axis " +
                                                     std::to_string(axis));
}

}  // namespace

ValueId Builder::concat(std::span<const ValueId> values, std::int64_t axis) {
  const auto along_axis = static_cast<std::size_t>(axis);
  if (values.size() > 1) {
    if (GrowingInput* cache = growing_at(values[0], along_axis)) {
      const ValueId rows = concat(values.subspan(1), axis);
      require_joinable(shape(values[0]), shape(rows), along_axis);
      return append(*cache, rows);
    }
  }
  Shape whole = shape(values[0]);
  std::optional<Affine> length = Affine::of(0);
  std::vector<ValueId> parts;
  bool constant_axis = true;
  for (const ValueId value : values) {
    const Shape part = shape(value);
    require_joinable(whole, part, along_axis);
    for (std::size_t i = 0; i < whole.size(); ++i) {
      if (i != along_axis) whole[i] = broadcast_shape({&whole[i], 1}, {&part[i], 1})[0];
    }
    constant_axis = constant_axis && part[along_axis].is_constant();
    if (length) length = sum(*length, affine(part[along_axis]));
    if (num_elements(dims(value)) != 0) parts.push_back(value);
  }
  if (!length) refuse(CompileErrorKind::kInvalid, "a tensor that is too long");
  if (parts.empty()) parts.push_back(values[0]);
  if (parts.size() == 1) return parts[0];
  whole[along_axis] = extent(*length);
  return constant_axis ? join(parts, along_axis, whole) : pick(parts, along_axis, whole);
}

ValueId Builder::join(std::span<const ValueId> values, std::size_t axis, const Shape& shape) {
  const ValueId result = add_value(dtype(values[0]), bounds_of(shape), values_of(shape));
  std::vector<Node> nodes;
  std::int64_t offset = 0;
  for (const ValueId part : values) {
    nodes.push_back(copy_into(part, result, Box{axis, offset}));
    offset += dims(part)[axis];
  }
  if (!analysis::fold_nodes(variant_, nodes)) {
    for (Node& node : nodes) add_node(std::move(node), Folding::kNever);
  }
  return result;
}

// Each operand lies at the sum of the extents before it; the first in which a position is, has it.
ValueId Builder::pick(std::span<const ValueId> values, std::size_t axis, const Shape& shape) {
  std::vector<Read> reads;
  Affine start;
  for (const ValueId part : values) {
    const Shape from = this->shape(part);
    Access access = broadcast_access(from, shape);
    access[axis] = from_position(*scaled(start, -1));
    access[axis].terms = {{static_cast<std::uint32_t>(axis), 1}};
    access[axis].outside = RDU_OUTSIDE_FILL;
    reads.push_back(read(part, std::move(access)));
    start = *sum(start, affine(from[axis]));
  }
  return map(dtype(values[0]), shape, std::move(reads), [](Body& b, std::span<const Reg> r) {
    Reg result = r.back();
    for (std::size_t i = r.size() - 1; i-- > 0;) {
      result = b.select(b.inside(static_cast<std::uint32_t>(i)), r[i], result);
    }
    b.result(result);
  });
}

GrowingInput* Builder::growing_at(ValueId value, std::size_t axis) {
  const auto found = std::find_if(growing_.begin(), growing_.end(), [&](const GrowingInput& input) {
    return input.past == value && input.axis == axis && input.present == kNone;
  });
  return found == growing_.end() ? nullptr : &*found;
}

// The rows are written behind those in use; what the cache holds before them is not touched.
ValueId Builder::append(GrowingInput& cache, ValueId rows) {
  const Shape from = shape(rows);
  Shape whole = shape(cache.past);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    if (!from[i].is_constant() || (i != cache.axis && !same_extent(from[i], whole[i]))) {
      refuse(CompileErrorKind::kUnsupported,
             "appending " + to_text(from) + " to the state " + to_text(whole));
    }
  }
  cache.grows_by = from[cache.axis].bound;
  const std::int64_t capacity = whole[cache.axis].bound;
  if (cache.grows_by > capacity) {
    refuse(CompileErrorKind::kInvalid, "a step appends " + std::to_string(cache.grows_by) +
                                           " positions to the state '" + value(cache.past).name +
                                           "', which has room for " + std::to_string(capacity));
  }
  const Affine length = affine({capacity, cache.length});
  cache.total = integer(*sum(length, Affine::of(cache.grows_by)));
  whole[cache.axis] = {capacity, cache.total};
  cache.present = add_value(dtype(rows), bounds_of(whole), values_of(whole));
  Node node;
  node.pattern = RDU_PATTERN_SCATTER;
  node.loops = loops_over(from);
  node.num_parallel = static_cast<std::uint32_t>(node.loops.size());
  node.reads = {read(rows, identity_access(from.size()))};
  node.body = write_body(node.reads, pass_through, dtype(rows));
  node.combine = RDU_COMBINE_REPLACE;
  node.base = cache.past;
  Access access = identity_access(from.size());
  access[cache.axis].source = cache.length;
  access[cache.axis].outside = RDU_OUTSIDE_ERROR;
  node.writes = {{cache.present, std::move(access)}};
  const ValueId present = cache.present;
  add_node(std::move(node), Folding::kNever);
  return present;
}

}  // namespace rducc::ir
