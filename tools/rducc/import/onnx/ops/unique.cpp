// Unique: equal rows are neighbours after a sort; each row learns the first occurrence of its equals.
#include <algorithm>

#include "tools/rducc/import/onnx/ops/cumulative.hpp"
#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/ops/selection.hpp"
#include "tools/rducc/import/onnx/ops/sorting.hpp"
#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {
namespace {

constexpr std::int64_t kMostKeys = 32;  // a bit of the sort's `descending` each

void pass(Body& b, std::span<const Reg> r) { b.result(r[0]); }

ir::Index indexed_by(ValueId source, std::uint32_t loop = 0) {
  ir::Index index;
  index.source = source;
  index.source_access = {ir::along(loop)};
  return ir::outside(index, RDU_OUTSIDE_ERROR);
}

// A vector indexed by another vector.
ValueId take(ir::Builder& b, ValueId values, ValueId positions) {
  return b.map(b.dtype(values), b.dims(positions), {b.read(values, {indexed_by(positions)})}, pass);
}

// out[to[i]] ⊕= values[i], from zeros.
ValueId scatter_to(ir::Builder& b, ValueId to, ValueId values, rdu_combine_op combine) {
  const Dims dims = b.dims(to);
  const ValueId zeros = b.expand(b.scalar(RDU_DTYPE_I64, 0), dims);
  const ValueId result = b.add_value(RDU_DTYPE_I64, dims);
  ir::Node node;
  node.pattern = RDU_PATTERN_SCATTER;
  node.loops = {{dims[0], ir::kNone, RDU_LOOP_PLAIN}};
  node.num_parallel = 1;
  node.reads = {b.read(values, ir::identity_access(b.dims(values).size()))};
  Body body;
  body.result(body.load(0, RDU_DTYPE_I64));
  node.body = body.program();
  node.combine = combine;
  node.base = zeros;
  node.writes = {{result, {indexed_by(to)}}};
  b.add_node(std::move(node));
  return result;
}

// Sorted rows that differ from the one before.
ValueId row_starts(ir::Builder& b, ValueId rows, ValueId order) {
  const Dims dims = b.dims(rows);
  ir::ReduceSpec spec;
  spec.loops = {{dims[0], ir::kNone, RDU_LOOP_PLAIN}, {dims[1], ir::kNone, RDU_LOOP_PLAIN}};
  spec.num_parallel = 1;
  ir::Index before = indexed_by(order);
  before.source_access[0] = ir::outside(ir::along(0, 1, -1), RDU_OUTSIDE_CLAMP);
  spec.reads = {b.read(rows, {indexed_by(order), ir::along(1)}),
                b.read(rows, {before, ir::along(1)})};
  spec.body = [](Body& body, std::span<const Reg> r) {
    const Reg first = body.binary(RDU_OP_EQ, body.index(0), body.integer(RDU_DTYPE_I64, 0));
    body.result(body.binary(RDU_OP_OR, first, body.binary(RDU_OP_NE, r[0], r[1])));
  };
  spec.combine = RDU_COMBINE_OR;
  spec.acc_dtype = spec.dtype = RDU_DTYPE_BOOL;
  spec.dims = {dims[0]};
  return b.reduce(std::move(spec));
}

// For each row its first equal: the sort is stable, so the start of its run is the first occurrence.
ValueId first_equals(ir::Builder& b, ValueId starts, ValueId order) {
  const Dims dims = b.dims(order);
  const ValueId start_at =
      b.map(RDU_DTYPE_I64, dims, {b.read(starts, ir::identity_access(1))},
            [](Body& body, std::span<const Reg> r) {
              body.result(body.select(r[0], body.index(0), body.integer(RDU_DTYPE_I64, 0)));
            });
  const ValueId run = prefix_combine(b, start_at, 0, Direction::kForward, RDU_OP_MAX, 0);
  return scatter_to(b, order, take(b, order, run), RDU_COMBINE_REPLACE);
}

// The number of the group that each first occurrence heads, by position among `heads`.
ValueId group_numbers(ir::Builder& b, ValueId heads) {
  const ValueId sum =
      prefix_combine(b, b.cast(heads, RDU_DTYPE_I64), 0, Direction::kForward, RDU_OP_ADD, 0);
  return b.elementwise(RDU_DTYPE_I64, {sum}, [](Body& body, std::span<const Reg> r) {
    body.result(body.sub(r[0], body.integer(RDU_DTYPE_I64, 1)));
  });
}

// The groups in the order of the result: where each starts in the input, and the group of each row.
struct Groups {
  Kept kept;         // positions in `first_rows`' domain
  ValueId first;     // per group: its first row; extent as kept
  ValueId group_of;  // per row
};

Groups order_groups(ir::Builder& b, ValueId starts, ValueId order, ValueId first_of, bool sorted) {
  Groups g{};
  if (sorted) {
    g.kept = keep_true(b, starts);
    g.first = b.map(RDU_DTYPE_I64, {kept_loop(b, g.kept)},
                    {b.read(order, {indexed_by(g.kept.positions)})}, pass);
    g.group_of = scatter_to(b, order, group_numbers(b, starts), RDU_COMBINE_REPLACE);
    return g;
  }
  const ValueId heads =
      b.map(RDU_DTYPE_BOOL, b.dims(first_of), {b.read(first_of, ir::identity_access(1))},
            [](Body& body, std::span<const Reg> r) {
              body.result(body.binary(RDU_OP_EQ, r[0], body.index(0)));
            });
  g.kept = keep_true(b, heads);
  g.first = g.kept.positions;
  g.group_of = take(b, group_numbers(b, heads), first_of);
  return g;
}

// The slices along the axis as rows of a matrix; all elements one by one without an axis.
ValueId as_rows(OpCall& call, std::optional<std::size_t> axis) {
  ir::Builder& b = call.b();
  const Dims dims = call.dims(0);
  const std::int64_t total = ir::num_elements(dims);
  if (!axis) return b.reshape(call.input(0), {total, 1});
  std::vector<std::int64_t> perm{static_cast<std::int64_t>(*axis)};
  for (std::size_t d = 0; d < dims.size(); ++d) {
    if (d != *axis) perm.push_back(static_cast<std::int64_t>(d));
  }
  const std::int64_t rows = dims[*axis];
  return b.reshape(b.transpose(call.input(0), perm), {rows, rows ? total / rows : 0});
}

void set_values(OpCall& call, std::optional<std::size_t> axis, const Groups& g) {
  ir::Builder& b = call.b();
  const ValueId x =
      axis ? call.input(0) : b.reshape(call.input(0), {ir::num_elements(call.dims(0))});
  const std::size_t at = axis.value_or(0);
  std::vector<ir::Loop> loops;
  for (const std::int64_t extent : b.dims(x)) loops.push_back({extent, ir::kNone, RDU_LOOP_PLAIN});
  loops[at] = kept_loop(b, g.kept);
  ir::Access access = ir::identity_access(loops.size());
  access[at] = indexed_by(g.first, static_cast<std::uint32_t>(at));
  call.set_output(0, b.map(b.dtype(x), loops, {b.read(x, access)}, pass));
}

void import_unique(OpCall& call) {
  ir::Builder& b = call.b();
  std::optional<std::size_t> axis;
  if (call.has_attr("axis")) {
    axis = static_cast<std::size_t>(normalise_axis(call, call.attr_i("axis", 0), call.rank(0)));
  }
  const ValueId rows = as_rows(call, axis);
  const Dims dims = b.dims(rows);
  if (dims[1] > kMostKeys) {
    call.unsupported("rows of " + std::to_string(dims[1]) + " elements; at most " +
                     std::to_string(kMostKeys) + " are compared");
  }
  std::vector<ir::Read> keys;
  for (std::int64_t k = 0; k < dims[1]; ++k) {
    keys.push_back(b.read(rows, {ir::along(0), ir::at(k)}));
  }
  const ValueId order = sort_positions(b, {dims[0]}, keys, Order::kAscending);
  const ValueId starts = row_starts(b, rows, order);
  const ValueId first_of = first_equals(b, starts, order);
  const Groups g = order_groups(b, starts, order, first_of, call.attr_i("sorted", 1) != 0);
  set_values(call, axis, g);
  if (call.wants_output(1)) call.set_output(1, g.first);
  if (call.wants_output(2)) call.set_output(2, g.group_of);
  if (call.wants_output(3)) {
    const ValueId ones = b.expand(b.scalar(RDU_DTYPE_I64, 1), {dims[0]});
    const ValueId sizes = scatter_to(b, first_of, ones, RDU_COMBINE_ADD);
    call.set_output(3, b.map(RDU_DTYPE_I64, {kept_loop(b, g.kept)},
                             {b.read(sizes, {indexed_by(g.first)})}, pass));
  }
}

constexpr OpEntry kOps[] = {{"", "Unique", 11, import_unique}};

}  // namespace

std::span<const OpEntry> unique_ops() { return kOps; }

}  // namespace rducc::import_onnx
