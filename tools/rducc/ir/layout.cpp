// Layout operations of the builder: aliases where possible, maps whose access does the work.
#include <algorithm>
#include <numeric>

#include "tools/rducc/analysis/fold.hpp"
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

ValueId Builder::reshape(ValueId value, Dims dims) {
  if (dims == this->dims(value)) return value;
  if (num_elements(dims) != num_elements(this->dims(value))) {
    throw CompileError(CompileErrorKind::kInvalid,
                       "reshape of " + std::to_string(num_elements(this->dims(value))) +
                           " elements to " + std::to_string(num_elements(dims)));
  }
  if (const auto known = constant(value)) {
    const std::uint32_t role = this->value(value).role;
    return add_constant({known->dtype, std::move(dims), known->data}, this->value(value).name,
                        role == RDU_ROLE_PARAMETER ? role : RDU_ROLE_CONSTANT);
  }
  std::vector<ValueId> dim_values = reshaped_bounds(value, dims);
  const ValueId storage = this->value(value).storage;
  const ValueId result = add_value(dtype(value), std::move(dims), std::move(dim_values));
  variant_.values[result].storage = storage == kNone ? value : storage;
  return result;
}

// A bounded dimension survives a reshape that only adds or drops dimensions of 1.
std::vector<ValueId> Builder::reshaped_bounds(ValueId from, const Dims& dims) const {
  const auto& bounds = value(from).dim_values;
  if (bounds.empty()) return {};
  std::vector<ValueId> result(dims.size(), kNone);
  std::size_t next = 0;
  const Dims& old = this->dims(from);
  const auto skip_ones = [&] {
    while (next < old.size() && old[next] == 1 && bounds[next] == kNone) ++next;
  };
  for (std::size_t i = 0; i < dims.size(); ++i) {
    skip_ones();
    if (next < old.size() && dims[i] == old[next]) {
      result[i] = bounds[next++];
    } else if (dims[i] != 1) {
      throw CompileError(CompileErrorKind::kUnsupported,
                         "reshape that splits or merges a dimension of run-time extent");
    }
  }
  return result;
}

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
  if (dims == this->dims(value)) return value;
  return map(dtype(value), dims, {read(value, broadcast_access(this->dims(value), dims))},
             pass_through);
}

ValueId Builder::slice(ValueId value, std::span<const std::int64_t> starts,
                       std::span<const std::int64_t> steps, Dims out_dims) {
  const bool whole = out_dims == dims(value) &&
                     std::all_of(steps.begin(), steps.end(), [](auto step) { return step == 1; });
  if (whole) return value;
  Access access;
  for (std::size_t i = 0; i < out_dims.size(); ++i) {
    access.push_back(along(static_cast<std::uint32_t>(i), steps[i], starts[i]));
  }
  return map(dtype(value), std::move(out_dims), {read(value, std::move(access))}, pass_through);
}

ValueId Builder::pad(ValueId value, std::span<const std::int64_t> before,
                     std::span<const std::int64_t> after, std::uint32_t outside_rule, double fill) {
  Dims out_dims = dims(value);
  Access access;
  for (std::size_t i = 0; i < out_dims.size(); ++i) {
    out_dims[i] += before[i] + after[i];
    const Index index = along(static_cast<std::uint32_t>(i), 1, -before[i]);
    access.push_back(before[i] <= 0 && after[i] <= 0 ? index : outside(index, outside_rule));
  }
  if (out_dims == dims(value)) {
    const bool nothing = std::all_of(before.begin(), before.end(), [](auto n) { return n == 0; });
    if (nothing) return value;
  }
  return map(dtype(value), std::move(out_dims), {read_fill(value, std::move(access), fill)},
             pass_through);
}

ValueId Builder::concat(std::span<const ValueId> values, std::int64_t axis) {
  std::vector<ValueId> parts;
  const auto along_axis = static_cast<std::size_t>(axis);
  Dims out_dims = dims(values[0]);
  out_dims[along_axis] = 0;
  for (const ValueId part : values) {
    if (!value(part).dim_values.empty()) {
      throw CompileError(CompileErrorKind::kUnsupported, "concatenation of run-time extents");
    }
    out_dims[along_axis] += dims(part)[along_axis];
    if (num_elements(dims(part)) != 0) parts.push_back(part);
  }
  if (parts.empty()) parts.push_back(values[0]);
  if (parts.size() == 1) return parts[0];
  const ValueId result = add_value(dtype(parts[0]), out_dims);
  std::vector<Node> nodes;
  std::int64_t offset = 0;
  for (const ValueId part : parts) {
    nodes.push_back(copy_into(part, result, along_axis, offset));
    offset += dims(part)[along_axis];
  }
  if (!analysis::fold_nodes(variant_, nodes)) {
    for (Node& node : nodes) add_node(std::move(node), Folding::kNever);
  }
  return result;
}

Node Builder::copy_into(ValueId part, ValueId whole, std::size_t axis, std::int64_t offset) const {
  Node node;
  node.pattern = RDU_PATTERN_MAP;
  for (const std::int64_t dim : dims(part)) node.loops.push_back({dim, kNone, RDU_LOOP_PLAIN});
  node.num_parallel = static_cast<std::uint32_t>(node.loops.size());
  node.reads.push_back(read(part, identity_access(node.loops.size())));
  node.body = write_body(node.reads, pass_through, dtype(whole));
  Access access = identity_access(node.loops.size());
  if (offset != 0) access[axis].offset = offset;
  node.writes.push_back({whole, std::move(access)});
  return node;
}

ValueId Builder::cast(ValueId value, rdu_dtype dtype) {
  return dtype == this->dtype(value) ? value : elementwise(dtype, {value}, pass_through);
}

ValueId Builder::copy(ValueId value) { return elementwise(dtype(value), {value}, pass_through); }

ValueId Builder::own_copy(ValueId value) {
  const auto& from = this->value(value);
  const ValueId result = add_value(from.dtype, from.dims, from.dim_values);
  Node node = copy_into(value, result, 0, 0);
  for (std::size_t i = 0; i < node.loops.size(); ++i) {
    const auto& bounds = this->value(value).dim_values;
    if (!bounds.empty()) node.loops[i].extent_value = bounds[i];
  }
  add_node(std::move(node), Folding::kNever);
  return result;
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
  const ValueId result = reduce(std::move(spec));
  return keep_dims ? reshape(result, std::move(kept)) : result;
}

}  // namespace rducc::ir
