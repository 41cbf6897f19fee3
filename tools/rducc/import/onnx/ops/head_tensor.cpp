// Accesses to heads, and the checks of the shapes that have them.
#include "tools/rducc/import/onnx/ops/head_tensor.hpp"

#include "tools/rducc/import/onnx/ops/operands.hpp"

namespace rducc::import_onnx {
namespace {

ir::Index times(ir::Index index, std::int64_t factor) {
  index.offset *= factor;
  for (auto& term : index.terms) term.coef *= factor;
  return index;
}

// Only the length, dimension `length_axis`, may be known at run time only.
ValueId length_value(const OpCall& call, const rdu::artifact::Value& value,
                     std::size_t length_axis) {
  for (std::size_t d = 0; d < value.dim_values.size(); ++d) {
    if (d != length_axis && value.dim_values[d] != ir::kNone) {
      call.unsupported("dimension " + std::to_string(d) + " of '" + value.name +
                       "' is known at run time only");
    }
  }
  return value.dim_values.empty() ? ir::kNone : value.dim_values[length_axis];
}

}  // namespace

ir::Index sum(ir::Index a, const ir::Index& b) {
  a.offset += b.offset;
  a.terms.insert(a.terms.end(), b.terms.begin(), b.terms.end());
  return a;
}

ir::Access HeadTensor::access(const ir::Index& batch_at, const ir::Index& head,
                              const ir::Index& position, const ir::Index& channel) const {
  if (layout == HeadLayout::kRows) {
    const ir::Index at_channel = sum(sum(times(head, stride), channel), ir::at(first));
    return {batch_at, position, at_channel};
  }
  if (slot) return {ir::at(*slot), batch_at, head, position, channel};
  return {batch_at, head, position, channel};
}

HeadTensor heads_first(OpCall& call, ValueId id) {
  const auto& value = call.b().value(id);
  if (value.dims.size() != 4) {
    call.invalid("'" + value.name + "' of shape " + to_text(value.dims) +
                 " should be [batch, heads, length, size]");
  }
  HeadTensor x;
  x.value = id;
  x.batch = value.dims[0];
  x.heads = value.dims[1];
  x.length = value.dims[2];
  x.size = value.dims[3];
  x.length_value = length_value(call, value, 2);
  return x;
}

HeadTensor rows_of_heads(OpCall& call, ValueId id, std::int64_t heads, std::int64_t size,
                         std::int64_t first, std::int64_t stride) {
  const auto& value = call.b().value(id);
  HeadTensor x;
  x.value = id;
  x.layout = HeadLayout::kRows;
  x.batch = value.dims[0];
  x.heads = heads;
  x.length = value.dims[1];
  x.size = size;
  x.length_value = length_value(call, value, 1);
  x.first = first;
  x.stride = stride;
  return x;
}

HeadTensor rows_of_heads(OpCall& call, ValueId id, std::int64_t heads) {
  const Dims& dims = call.b().dims(id);
  if (dims.size() != 3 || heads < 1 || dims[2] % heads != 0) {
    call.invalid("'" + call.b().value(id).name + "' of shape " + to_text(dims) +
                 " should be [batch, length, " + std::to_string(heads) + " heads * size]");
  }
  const std::int64_t size = dims[2] / heads;
  return rows_of_heads(call, id, heads, size, 0, size);
}

HeadTensor to_heads_first(ir::Builder& builder, const HeadTensor& x) {
  if (x.layout == HeadLayout::kHeadsFirst && !x.slot) return x;
  const auto plain = [](std::int64_t extent) {
    return ir::Loop{extent, ir::kNone, RDU_LOOP_PLAIN};
  };
  HeadTensor y = x;
  y.value = builder.map(
      builder.dtype(x.value), {plain(x.batch), plain(x.heads), x.length_loop(), plain(x.size)},
      {builder.read(x.value, x.access(ir::along(0), ir::along(1), ir::along(2), ir::along(3)))},
      [](Body& b, std::span<const Reg> r) { b.result(r[0]); });
  y.layout = HeadLayout::kHeadsFirst;
  y.slot.reset();
  return y;
}

}  // namespace rducc::import_onnx
