// Scatter in its three forms: a copy of the data that updates meet at indexed positions.
#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {
namespace {

rdu_combine_op read_reduction(const OpCall& call) {
  const std::string reduction = call.attr_s("reduction", "none");
  if (reduction == "none") return RDU_COMBINE_REPLACE;
  if (reduction == "add") return RDU_COMBINE_ADD;
  if (reduction == "mul") return RDU_COMBINE_MUL;
  if (reduction == "min") return RDU_COMBINE_MIN;
  if (reduction == "max") return RDU_COMBINE_MAX;
  call.unsupported("attribute reduction = '" + reduction + "'");
}

// One node over the points of input 2 (the updates), written at `access` into a copy of input 0.
void emit_scatter(OpCall& call, ir::Access access) {
  ir::Builder& builder = call.b();
  const ir::Shape updates = call.shape(2), data = call.shape(0);
  if (call.dtype(2) != call.dtype(0)) call.invalid("updates and data differ in element type");
  const ValueId result = builder.add_value(call.dtype(0), ir::bounds_of(data), ir::values_of(data));
  ir::Node node;
  node.pattern = RDU_PATTERN_SCATTER;
  node.loops = ir::loops_over(updates);
  node.num_parallel = static_cast<std::uint32_t>(node.loops.size());
  node.reads = {builder.read(call.input(2), ir::identity_access(updates.size()))};
  Body body;
  body.result(body.load(0, call.dtype(2)));
  node.body = body.program();
  node.combine = read_reduction(call);
  node.base = call.input(0);
  node.writes = {{result, std::move(access)}};
  builder.add_node(std::move(node));
  call.set_output(0, result);
}

ir::Index indexed_by(const OpCall& call, ir::Access access) {
  if (call.dtype(1) != RDU_DTYPE_I32 && call.dtype(1) != RDU_DTYPE_I64) {
    call.invalid("the indices must be of type int32 or int64");
  }
  ir::Index index;
  index.source = call.input(1);
  index.source_access = std::move(access);
  return ir::outside(index, RDU_OUTSIDE_WRAP);
}

void import_scatter_elements(OpCall& call) {
  const Dims data = call.dims(0), indices = call.dims(1);
  const std::int64_t axis = normalise_axis(call, call.attr_i("axis", 0), call.rank(0));
  if (indices != call.dims(2) || indices.size() != data.size()) {
    call.invalid("indices of shape " + to_text(indices) + " and updates of shape " +
                 to_text(call.dims(2)) + " for data of shape " + to_text(data));
  }
  ir::Access access = ir::identity_access(data.size());
  for (std::size_t d = 0; d < data.size(); ++d) {
    const bool indexed = static_cast<std::int64_t>(d) == axis;
    if (indexed) access[d] = indexed_by(call, ir::identity_access(data.size()));
    if (!indexed && indices[d] > data[d]) {
      call.invalid("indices of shape " + to_text(indices) + " for data of shape " + to_text(data));
    }
  }
  emit_scatter(call, std::move(access));
}

void import_scatter_nd(OpCall& call) {
  const ir::Shape data = call.shape(0), indices = call.shape(1), updates = call.shape(2);
  if (indices.empty() || !indices.back().is_constant() || indices.back().bound > call.rank(0)) {
    call.invalid("indices of shape " + ir::to_text(indices) + " for data of shape " +
                 ir::to_text(data));
  }
  const auto depth = static_cast<std::size_t>(indices.back().bound), outer = indices.size() - 1;
  ir::Shape expected(indices.begin(), indices.end() - 1);
  expected.insert(expected.end(), data.begin() + static_cast<std::ptrdiff_t>(depth), data.end());
  if (!ir::same_shape(updates, expected)) {
    call.invalid("updates of shape " + ir::to_text(updates) + " where " + ir::to_text(expected) +
                 " is expected");
  }
  ir::Access access;
  for (std::size_t k = 0; k < depth; ++k) {
    ir::Access source = ir::identity_access(outer);
    source.push_back(ir::at(static_cast<std::int64_t>(k)));
    access.push_back(indexed_by(call, std::move(source)));
  }
  for (std::size_t d = depth; d < data.size(); ++d) {
    access.push_back(ir::along(static_cast<std::uint32_t>(outer + d - depth)));
  }
  emit_scatter(call, std::move(access));
}

constexpr OpEntry kOps[] = {
    {"", "Scatter", 9, import_scatter_elements},
    {"", "ScatterElements", 11, import_scatter_elements},
    {"", "ScatterND", 11, import_scatter_nd},
};

}  // namespace

std::span<const OpEntry> scatter_ops() { return kOps; }

}  // namespace rducc::import_onnx
