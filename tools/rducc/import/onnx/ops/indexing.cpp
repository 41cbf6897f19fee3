// Gather in its three forms: maps whose accesses read an index tensor.
#include <algorithm>

#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {
namespace {

void pass(Body& b, std::span<const Reg> r) { b.result(r[0]); }

void require_index_type(const OpCall& call, std::size_t i) {
  if (call.dtype(i) != RDU_DTYPE_I32 && call.dtype(i) != RDU_DTYPE_I64) {
    call.invalid("input " + std::to_string(i) + " must be of type int32 or int64");
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
  const Dims data = call.dims(0), indices = call.dims(1);
  const auto axis =
      static_cast<std::size_t>(normalise_axis(call, call.attr_i("axis", 0), call.rank(0)));
  Dims dims(data.begin(), data.begin() + static_cast<std::ptrdiff_t>(axis));
  dims.insert(dims.end(), indices.begin(), indices.end());
  dims.insert(dims.end(), data.begin() + static_cast<std::ptrdiff_t>(axis) + 1, data.end());
  if (const auto known = call.constant(1)) {
    if (const auto sequence = sequence_of(call, *known, data[axis])) {
      std::vector<std::int64_t> starts(data.size(), 0), steps(data.size(), 1);
      Dims piece = data;
      starts[axis] = sequence->start;
      steps[axis] = sequence->step;
      piece[axis] = ir::num_elements(indices);
      const ValueId slice = b.slice(call.input(0), starts, steps, piece);
      return call.set_output(0, b.reshape(slice, dims));
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
  call.set_output(0, b.map(call.dtype(0), dims, {b.read(call.input(0), access)}, pass));
}

// out[i] = data[i with position `axis` replaced by indices[i]]
void import_gather_elements(OpCall& call) {
  require_index_type(call, 1);
  ir::Builder& b = call.b();
  const Dims data = call.dims(0), dims = call.dims(1);
  const auto axis =
      static_cast<std::size_t>(normalise_axis(call, call.attr_i("axis", 0), call.rank(0)));
  if (data.size() != dims.size()) {
    call.invalid("indices of shape " + to_text(dims) + " for data of shape " + to_text(data));
  }
  for (std::size_t d = 0; d < data.size(); ++d) {
    if (d != axis && dims[d] > data[d]) {
      call.invalid("indices of shape " + to_text(dims) + " for data of shape " + to_text(data));
    }
  }
  ir::Access access = ir::identity_access(data.size());
  access[axis] = {};
  access[axis].source = call.input(1);
  access[axis].source_access = ir::identity_access(dims.size());
  access[axis].outside = RDU_OUTSIDE_WRAP;
  call.set_output(0, b.map(call.dtype(0), dims, {b.read(call.input(0), access)}, pass));
}

void import_gather_nd(OpCall& call) {
  require_index_type(call, 1);
  ir::Builder& b = call.b();
  const Dims data = call.dims(0), indices = call.dims(1);
  const std::int64_t batch = call.attr_i("batch_dims", 0);
  if (indices.empty() || batch < 0 || batch >= call.rank(1) ||
      batch + indices.back() > call.rank(0)) {
    call.invalid("indices of shape " + to_text(indices) + " and batch_dims = " +
                 std::to_string(batch) + " for data of shape " + to_text(data));
  }
  const auto depth = static_cast<std::size_t>(indices.back());
  const auto batches = static_cast<std::size_t>(batch), outer = indices.size() - 1;
  Dims dims(indices.begin(), indices.end() - 1);
  dims.insert(dims.end(), data.begin() + static_cast<std::ptrdiff_t>(batches + depth), data.end());
  ir::Access access = ir::identity_access(batches);
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
  call.set_output(0, b.map(call.dtype(0), dims, {b.read(call.input(0), access)}, pass));
}

constexpr OpEntry kOps[] = {
    {"", "Gather", 1, import_gather},
    {"", "GatherElements", 11, import_gather_elements},
    {"", "GatherND", 11, import_gather_nd},
};

}  // namespace

std::span<const OpEntry> indexing_ops() { return kOps; }

}  // namespace rducc::import_onnx
