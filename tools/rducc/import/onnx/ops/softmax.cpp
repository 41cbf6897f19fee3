// Softmax, LogSoftmax and Hardmax: reductions over the row and maps over its elements.
#include "tools/rducc/import/onnx/ops/softmax.hpp"

#include <numeric>

#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {
namespace {

// exp and sums of half floats are taken in F32.
ValueId largest_of(ir::Builder& b, ValueId x, std::span<const std::int64_t> axes) {
  return b.reduce_axes(x, axes, true, RDU_COMBINE_MAX, b.dtype(x), b.dtype(x));
}

// One axis since opset 13; before, all from `axis` on, as if the input were flattened to a matrix.
std::vector<std::int64_t> row_axes(const OpCall& call) {
  const std::int64_t rank = call.rank(0);
  if (call.opset() >= 13) return {normalise_axis(call, call.attr_i("axis", -1), rank)};
  const std::int64_t first = normalise_axis(call, call.attr_i("axis", 1), rank);
  std::vector<std::int64_t> axes(static_cast<std::size_t>(rank - first));
  std::iota(axes.begin(), axes.end(), first);
  return axes;
}

void import_softmax(OpCall& call) {
  require_float(call, 0);
  call.set_output(0, softmax(call.b(), call.input(0), row_axes(call)));
}

void import_log_softmax(OpCall& call) {
  require_float(call, 0);
  call.set_output(0, log_softmax(call.b(), call.input(0), row_axes(call)));
}

// 1 at the first largest element of a row, 0 elsewhere.
void import_hardmax(OpCall& call) {
  ir::Builder& builder = call.b();
  const std::vector<std::int64_t> axes = row_axes(call);
  const ValueId first = builder.reduce_axes(call.input(0), axes, true, RDU_COMBINE_ARGMAX_FIRST,
                                            RDU_DTYPE_I64, RDU_DTYPE_I64);
  const ir::Shape shape = call.shape(0);
  if (axes.size() > 1 && !ir::is_constant(shape)) {
    call.unsupported("a row of several dimensions of run-time extent");
  }
  const rdu_dtype dtype = call.dtype(0);
  const std::vector<ir::Read> reads{
      builder.read(first, ir::broadcast_access(builder.shape(first), shape))};
  call.set_output(0, builder.map(dtype, shape, reads, [&](Body& b, std::span<const Reg> r) {
    Reg position = b.integer(RDU_DTYPE_I64, 0);
    for (const std::int64_t axis : axes) {
      const Reg extent = b.integer(RDU_DTYPE_I64, shape[static_cast<std::size_t>(axis)].bound);
      position = b.add(b.mul(position, extent), b.index(static_cast<std::uint32_t>(axis)));
    }
    b.result(b.cast(b.binary(RDU_OP_EQ, position, r[0]), dtype));
  }));
}

constexpr OpEntry kOps[] = {
    {"", "Hardmax", 1, import_hardmax},
    {"", "LogSoftmax", 1, import_log_softmax},
    {"", "Softmax", 1, import_softmax},
};

}  // namespace

ValueId softmax(ir::Builder& builder, ValueId x, std::span<const std::int64_t> axes) {
  const rdu_dtype dtype = builder.dtype(x), acc = wide(dtype);
  const ValueId largest = largest_of(builder, x, axes);
  const ValueId powers =
      builder.elementwise(acc, {x, largest}, [=](Body& b, std::span<const Reg> r) {
        b.result(b.exp(b.sub(b.cast(r[0], acc), b.cast(r[1], acc))));
      });
  const ValueId scale =
      builder.reduce_axes(powers, axes, true, RDU_COMBINE_ADD, acc, acc, {},
                          [](Body& b, Reg sum) { return b.unary(RDU_OP_RCP, sum); });
  return builder.elementwise(dtype, {powers, scale}, [=](Body& b, std::span<const Reg> r) {
    b.result(b.cast(b.mul(r[0], r[1]), dtype));
  });
}

ValueId log_softmax(ir::Builder& builder, ValueId x, std::span<const std::int64_t> axes) {
  const rdu_dtype dtype = builder.dtype(x), acc = wide(dtype);
  const ValueId largest = largest_of(builder, x, axes);
  const ValueId shifted =
      builder.elementwise(acc, {x, largest}, [=](Body& b, std::span<const Reg> r) {
        b.result(b.sub(b.cast(r[0], acc), b.cast(r[1], acc)));
      });
  const ValueId log_sum = builder.reduce_axes(
      shifted, axes, true, RDU_COMBINE_ADD, acc, acc, [](Body& b, Reg d) { return b.exp(d); },
      [](Body& b, Reg sum) { return b.unary(RDU_OP_LOG, sum); });
  return builder.elementwise(dtype, {shifted, log_sum}, [=](Body& b, std::span<const Reg> r) {
    b.result(b.cast(b.sub(r[0], r[1]), dtype));
  });
}

std::span<const OpEntry> softmax_ops() { return kOps; }

}  // namespace rducc::import_onnx
