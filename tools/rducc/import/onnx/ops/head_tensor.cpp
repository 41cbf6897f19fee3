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

// The extent of dimension `axis`, the only one that may be known at run time only.
ir::Extent length_of(OpCall& call, ValueId id, std::size_t axis) {
  const ir::Shape shape = call.b().shape(id);
  for (std::size_t d = 0; d < shape.size(); ++d) {
    if (d != axis && !shape[d].is_constant()) {
      call.unsupported("dimension " + std::to_string(d) + " of '" + call.b().value(id).name +
                       "' is known at run time only");
    }
  }
  return shape[axis];
}

}  // namespace

HeadTensor with_past(OpCall& call, HeadTensor x, std::size_t past, std::size_t present) {
  ir::Builder& builder = call.b();
  if (call.has_input(past)) {
    const ValueId parts[] = {call.input(past), to_heads_first(builder, x).value};
    x = heads_first(call, builder.concat(parts, 2));
  }
  if (call.wants_output(present)) call.set_output(present, to_heads_first(builder, x).value);
  return x;
}

std::string to_text(const HeadTensor& x) {
  return ir::to_text(ir::Shape{{x.batch}, {x.heads}, x.length, {x.size}});
}

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
  x.size = value.dims[3];
  x.length = length_of(call, id, 2);
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
  x.size = size;
  x.length = length_of(call, id, 1);
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
  HeadTensor y = x;
  y.value = builder.map(
      builder.dtype(x.value), ir::Shape{{x.batch}, {x.heads}, x.length, {x.size}},
      {builder.read(x.value, x.access(ir::along(0), ir::along(1), ir::along(2), ir::along(3)))},
      [](Body& b, std::span<const Reg> r) { b.result(r[0]); });
  y.layout = HeadLayout::kHeadsFirst;
  y.slot.reset();
  return y;
}

}  // namespace rducc::import_onnx
