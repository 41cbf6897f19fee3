// Gather in its three forms: maps whose accesses read an index tensor.
#include <algorithm>

#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {
namespace {

void pass(Body& b, std::span<const Reg> r) { b.result(r[0]); }

void require_index_type(const OpCall& call, std::size_t i) {
  if (call.dtype(i) != RDU_DTYPE_I32 && call.dtype(i) != RDU_DTYPE_I64) {
    call.invalid("input " + std::to_string(i) + " must be of type int32 or int64, it is of " +
                 ir::dtype_name(call.dtype(i)));
  }
}

// Known indices that form an arithmetic sequence are a slice: its first position and its step.
struct Sequence {
  std::int64_t start = 0, step = 1;
};

std::optional<Sequence> sequence_of(const OpCall& call, const Tensor& indices,
                                    std::int64_t extent) {
  std::vector<std::int64_t> at = indices.to_i64();
  for (std::int64_t& i : at) {
    if (i < -extent || i >= extent) {
      call.invalid("index " + std::to_string(i) + " into an axis of " + std::to_string(extent));
    }
    if (i < 0) i += extent;
  }
  if (at.empty()) return std::nullopt;
  const Sequence s{at[0], at.size() > 1 ? at[1] - at[0] : 1};
  for (std::size_t i = 1; i < at.size(); ++i) {
    if (at[i] - at[i - 1] != s.step) return std::nullopt;
  }
  return s;
}

void import_gather(OpCall& call) {
  require_index_type(call, 1);
  ir::Builder& b = call.b();
  const ir::Shape data = call.shape(0), indices = call.shape(1);
  const auto axis =
      static_cast<std::size_t>(normalise_axis(call, call.attr_i("axis", 0), call.rank(0)));
  ir::Shape shape(data.begin(), data.begin() + static_cast<std::ptrdiff_t>(axis));
  shape.insert(shape.end(), indices.begin(), indices.end());
  shape.insert(shape.end(), data.begin() + static_cast<std::ptrdiff_t>(axis) + 1, data.end());
  const auto known = call.constant(1);
  if (known && data[axis].is_constant()) {
    if (const auto sequence = sequence_of(call, *known, data[axis].bound)) {
      const ir::Extent length{ir::num_elements(known->dims), ir::kNone};
      const ValueId slice = b.slice_axis(call.input(0), axis, ir::Affine::of(sequence->start),
                                         sequence->step, length);
      return call.set_output(0, b.reshape_to(slice, shape));
    }
  }
  ir::Access access;
  for (std::uint32_t d = 0; d < data.size(); ++d) {
    if (d < axis) {
      access.push_back(ir::along(d));
    } else if (d > axis) {
      access.push_back(ir::along(d + static_cast<std::uint32_t>(indices.size()) - 1));
    } else {
      ir::Index index;
      index.source = call.input(1);
      index.source_access = ir::identity_access(indices.size(), d);
      access.push_back(ir::outside(index, RDU_OUTSIDE_WRAP));
    }
  }
  call.set_output(0, b.map(call.dtype(0), shape, {b.read(call.input(0), access)}, pass));
}

// Loops over indices walk the data's other dimensions too: within them, as the run shows where only
// it knows.
ir::Index beside(std::uint32_t loop, const ir::Extent& indices, const ir::Extent& data) {
  const bool same = ir::same_extent(indices, data);
  const bool proved = indices.is_constant() && data.is_constant();
  const ir::Index index = ir::along(loop);
  return same || proved ? index : ir::outside(index, RDU_OUTSIDE_ERROR);
}

// out[i] = data[i with position `axis` replaced by indices[i]]
void import_gather_elements(OpCall& call) {
  require_index_type(call, 1);
  ir::Builder& b = call.b();
  const ir::Shape data = call.shape(0), indices = call.shape(1);
  const auto axis =
      static_cast<std::size_t>(normalise_axis(call, call.attr_i("axis", 0), call.rank(0)));
  bool fits = data.size() == indices.size();
  ir::Access access;
  for (std::uint32_t d = 0; fits && d < data.size(); ++d) {
    const bool constant = indices[d].is_constant() && data[d].is_constant();
    fits = d == axis || !constant || indices[d].bound <= data[d].bound;
    access.push_back(beside(d, indices[d], data[d]));
  }
  if (!fits) {
    call.invalid("indices of shape " + ir::to_text(indices) + " for data of shape " +
                 ir::to_text(data));
  }
  access[axis] = {};
  access[axis].source = call.input(1);
  access[axis].source_access = ir::identity_access(indices.size());
  access[axis].outside = RDU_OUTSIDE_WRAP;
  call.set_output(0, b.map(call.dtype(0), indices, {b.read(call.input(0), access)}, pass));
}

void import_gather_nd(OpCall& call) {
  require_index_type(call, 1);
  ir::Builder& b = call.b();
  const ir::Shape data = call.shape(0), indices = call.shape(1);
  const std::int64_t batch = call.attr_i("batch_dims", 0);
  if (indices.empty() || !indices.back().is_constant() || batch < 0 || batch >= call.rank(1) ||
      batch + indices.back().bound > call.rank(0)) {
    call.invalid("indices of shape " + ir::to_text(indices) + " and batch_dims = " +
                 std::to_string(batch) + " for data of shape " + ir::to_text(data));
  }
  const auto depth = static_cast<std::size_t>(indices.back().bound);
  const auto batches = static_cast<std::size_t>(batch), outer = indices.size() - 1;
  ir::Shape shape(indices.begin(), indices.end() - 1);
  shape.insert(shape.end(), data.begin() + static_cast<std::ptrdiff_t>(batches + depth),
               data.end());
  ir::Access access;
  for (std::uint32_t d = 0; d < batches; ++d) access.push_back(beside(d, indices[d], data[d]));
  for (std::size_t k = 0; k < depth; ++k) {
    ir::Index index;
    index.source = call.input(1);
    index.source_access = ir::identity_access(outer);
    index.source_access.push_back(ir::at(static_cast<std::int64_t>(k)));
    access.push_back(ir::outside(index, RDU_OUTSIDE_WRAP));
  }
  for (std::size_t d = batches + depth; d < data.size(); ++d) {
    access.push_back(ir::along(static_cast<std::uint32_t>(outer + d - batches - depth)));
  }
  call.set_output(0, b.map(call.dtype(0), shape, {b.read(call.input(0), access)}, pass));
}

constexpr OpEntry kOps[] = {
    {"", "Gather", 1, import_gather},
    {"", "GatherElements", 11, import_gather_elements},
    {"", "GatherND", 11, import_gather_nd},
};

}  // namespace

std::span<const OpEntry> indexing_ops() { return kOps; }

}  // namespace rducc::import_onnx
