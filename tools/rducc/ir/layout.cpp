// Layout operations of the builder: aliases where possible, maps whose access does the work.
#include <algorithm>
#include <numeric>

#include "tools/rducc/ir/builder.hpp"
#include "tools/rducc/ir/error.hpp"

namespace rducc::ir {
namespace {

void pass_through(Body& body, std::span<const Reg> reads) { body.result(reads[0]); }

bool is_identity(std::span<const std::int64_t> perm) {
  for (std::size_t i = 0; i < perm.size(); ++i) {
    if (perm[i] != static_cast<std::int64_t>(i)) return false;
  }
  return true;
}

}  // namespace

ValueId Builder::transpose(ValueId value, std::span<const std::int64_t> perm) {
  if (is_identity(perm)) return value;
  const auto& from = this->value(value);
  Access access(perm.size());
  std::vector<Loop> loops;
  for (std::size_t i = 0; i < perm.size(); ++i) {
    const auto axis = static_cast<std::size_t>(perm[i]);
    access[axis] = along(static_cast<std::uint32_t>(i));
    loops.push_back(
        {from.dims[axis], from.dim_values.empty() ? kNone : from.dim_values[axis], RDU_LOOP_PLAIN});
  }
  return map(from.dtype, std::move(loops), {read(value, std::move(access))}, pass_through);
}

ValueId Builder::expand(ValueId value, const Dims& dims) {
  return expand_to(value, constant_shape(dims));
}

ValueId Builder::expand_to(ValueId value, const Shape& shape) {
  const Shape from = this->shape(value);
  if (same_shape(from, shape)) return value;
  return map(dtype(value), shape, {read(value, broadcast_access(from, shape))}, pass_through);
}

ValueId Builder::slice(ValueId value, std::span<const std::int64_t> starts,
                       std::span<const std::int64_t> steps, Dims out_dims) {
  const bool whole = out_dims == dims(value) &&
                     std::all_of(steps.begin(), steps.end(), [](auto step) { return step == 1; });
  if (whole) return value;
  // A dimension that stays as it is keeps the extent that a run gives it.
  Shape shape = this->shape(value);
  Access access;
  for (std::size_t i = 0; i < out_dims.size(); ++i) {
    const bool same = starts[i] == 0 && steps[i] == 1 && out_dims[i] == shape[i].bound;
    access.push_back(along(static_cast<std::uint32_t>(i), steps[i], starts[i]));
    if (!same && !shape[i].is_constant()) access.back().outside = RDU_OUTSIDE_ERROR;
    if (!same) shape[i] = {out_dims[i], kNone};
  }
  return map(dtype(value), shape, {read(value, std::move(access))}, pass_through);
}

ValueId Builder::pad(ValueId value, std::span<const std::int64_t> before,
                     std::span<const std::int64_t> after, std::uint32_t outside_rule, double fill) {
  Shape shape = this->shape(value);
  Access access;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (before[i] != 0 || after[i] != 0) {
      const auto padded = sum(affine(shape[i]), Affine::of(before[i] + after[i]));
      if (!padded) throw CompileError(CompileErrorKind::kInvalid, "a tensor that is too long");
      shape[i] = extent(*padded);
    }
    const Index index = along(static_cast<std::uint32_t>(i), 1, -before[i]);
    access.push_back(before[i] <= 0 && after[i] <= 0 ? index : outside(index, outside_rule));
  }
  const auto nothing = [](auto n) { return n == 0; };
  if (std::all_of(before.begin(), before.end(), nothing) &&
      std::all_of(after.begin(), after.end(), nothing)) {
    return value;
  }
  return map(dtype(value), shape, {read_fill(value, std::move(access), fill)}, pass_through);
}

ValueId Builder::cast(ValueId value, rdu_dtype dtype) {
  return dtype == this->dtype(value) ? value : elementwise(dtype, {value}, pass_through);
}

ValueId Builder::copy(ValueId value) { return elementwise(dtype(value), {value}, pass_through); }

ValueId Builder::own_copy(ValueId value) {
  const auto& from = this->value(value);
  return own_copy(value, Dims(from.dims), std::vector<ValueId>(from.dim_values));
}

ValueId Builder::own_copy(ValueId value, const Dims& bounds, std::vector<ValueId> extents) {
  const ValueId result = add_value(dtype(value), bounds, std::move(extents));
  add_node(copy_into(value, result, {}), Folding::kNever);
  return result;
}

// The loops are the written value's, so that a dimension has one scalar for its extent; along the
// axis of a box the part's own.
Node Builder::copy_into(ValueId part, ValueId whole, std::optional<Box> box) {
  const Shape from = shape(part);
  const auto& written = value(whole);
  Node node;
  node.pattern = RDU_PATTERN_MAP;
  Access read_at = identity_access(from.size()), write_at = read_at;
  for (std::size_t i = 0; i < from.size(); ++i) {
    if (box && i == box->axis) {
      node.loops.push_back(loop_over(from[i]));
      write_at[i].offset = box->offset;
      continue;
    }
    const ValueId extent = written.dim_values.empty() ? kNone : written.dim_values[i];
    node.loops.push_back({written.dims[i], extent, RDU_LOOP_PLAIN});
    const bool longer = written.dims[i] > from[i].bound;
    const bool decided = extent == kNone && !from[i].is_constant();
    if (longer || decided) read_at[i].outside = RDU_OUTSIDE_ERROR;
  }
  node.num_parallel = static_cast<std::uint32_t>(node.loops.size());
  node.reads.push_back(read(part, std::move(read_at)));
  node.body = write_body(node.reads, pass_through, dtype(whole));
  node.writes.push_back({whole, std::move(write_at)});
  return node;
}

bool Builder::written_here(ValueId value) const {
  for (const Node& node : variant_.graphs[graph_].nodes) {
    for (const Write& write : node.writes) {
      if (write.value == value) return true;
    }
    for (const auto& port : node.ports) {
      if (port.result == value) return true;
    }
  }
  return false;
}

ValueId Builder::own(ValueId value, std::span<const ValueId> outputs) {
  const ValueId storage = this->value(value).storage;
  const ValueId owner = storage == kNone ? value : storage;
  const bool taken = std::find(outputs.begin(), outputs.end(), owner) != outputs.end();
  if (taken || !written_here(owner)) return own_copy(value);
  if (storage == kNone) return value;
  // The alias becomes the owner.
  for (auto& other : variant_.values) {
    if (other.storage == storage) other.storage = value;
  }
  variant_.values[value].storage = kNone;
  variant_.values[storage].storage = value;
  return value;
}

ValueId Builder::reduce_axes(ValueId value, std::span<const std::int64_t> axes, bool keep_dims,
                             rdu_combine_op combine, rdu_dtype acc_dtype, rdu_dtype dtype,
                             const std::function<Reg(Body&, Reg)>& body,
                             const std::function<Reg(Body&, Reg)>& epilogue) {
  const auto& from = this->value(value);
  const std::size_t rank = from.dims.size();
  std::vector<bool> reduced(rank, false);
  for (const std::int64_t axis : axes) {
    if (axis < 0 || axis >= static_cast<std::int64_t>(rank)) {
      throw CompileError(
          CompileErrorKind::kInvalid,
          "axis " + std::to_string(axis) + " of a tensor of rank " + std::to_string(rank));
    }
    reduced[static_cast<std::size_t>(axis)] = true;
  }
  ReduceSpec spec;
  Access access(rank);
  Dims kept = from.dims;
  for (const bool pass : {false, true}) {
    for (std::size_t i = 0; i < rank; ++i) {
      if (reduced[i] != pass) continue;
      access[i] = along(static_cast<std::uint32_t>(spec.loops.size()));
      const ValueId bound = from.dim_values.empty() ? kNone : from.dim_values[i];
      spec.loops.push_back({from.dims[i], bound, RDU_LOOP_PLAIN});
      if (pass) {
        kept[i] = 1;
      } else {
        spec.dims.push_back(from.dims[i]);
      }
    }
    if (!pass) spec.num_parallel = static_cast<std::uint32_t>(spec.loops.size());
  }
  spec.reads.push_back(read(value, std::move(access)));
  spec.body = [&](Body& code, std::span<const Reg> reads) {
    code.result(body ? body(code, reads[0]) : reads[0]);
  };
  spec.combine = combine;
  spec.acc_dtype = acc_dtype;
  spec.epilogue = [&](Body& code, Reg acc, std::span<const Reg>) {
    code.result(epilogue ? epilogue(code, acc) : acc);
  };
  spec.dtype = dtype;
  if (!keep_dims) return reduce(std::move(spec));
  const auto parallel = std::span(spec.loops).first(spec.num_parallel);
  const bool constant = std::all_of(parallel.begin(), parallel.end(),
                                    [](const Loop& loop) { return loop.extent_value == kNone; });
  if (constant) return reshape(reduce(std::move(spec)), std::move(kept));
  // Bounded shapes share no storage: the kept dimensions are written at once.
  spec.write.assign(rank, at(0));
  std::uint32_t loop = 0;
  for (std::size_t i = 0; i < rank; ++i) {
    if (!reduced[i]) spec.write[i] = along(loop++);
  }
  spec.dims = std::move(kept);
  return reduce(std::move(spec));
}

}  // namespace rducc::ir
