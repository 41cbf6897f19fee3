// Operators whose body asks where it is: comparisons of loop positions inside one map.
#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {
namespace {

void import_eye_like(OpCall& call) {
  if (call.rank(0) != 2) call.invalid("input of shape " + to_text(call.dims(0)));
  const std::int64_t k = call.attr_i("k", 0);
  const rdu_dtype dtype = dtype_attr(call, "dtype", call.dtype(0));
  call.set_output(0, call.b().map(dtype, call.dims(0), {}, [=](Body& b, std::span<const Reg>) {
    const Reg diagonal = b.add(b.index(0), b.integer(RDU_DTYPE_I64, k));
    b.result(b.cast(b.binary(RDU_OP_EQ, b.index(1), diagonal), dtype));
  }));
}

// Keeps what lies on one side of the k-th diagonal of the last two dimensions.
void import_trilu(OpCall& call) {
  const ir::Shape shape = call.shape(0);
  if (shape.size() < 2) call.invalid("input of shape " + ir::to_text(shape));
  const auto row = static_cast<std::uint32_t>(shape.size() - 2);
  const rdu_body_op side = call.attr_i("upper", 1) != 0 ? RDU_OP_GE : RDU_OP_LE;
  ir::Builder& builder = call.b();
  std::vector<ir::Read> reads{builder.read(call.input(0), ir::identity_access(shape.size()))};
  std::optional<ScalarOperand> k;
  if (call.has_input(1)) k.emplace(call, 1).append_to(builder, reads);
  const rdu_dtype dtype = call.dtype(0);
  call.set_output(0, builder.map(dtype, shape, reads, [&](Body& b, std::span<const Reg> r) {
    const Reg offset = b.sub(b.index(row + 1), b.index(row));
    const Reg diagonal = k ? k->reg(b, r) : b.integer(RDU_DTYPE_I64, 0);
    b.result(b.select(b.binary(side, offset, diagonal), r[0], b.integer(dtype, 0)));
  }));
}

// out[i…, d, j…] = d is the class indices[i…, j…] ? on : off; a negative class counts from the end.
void import_one_hot(OpCall& call) {
  const Dims indices = call.dims(0);
  const std::vector<double> depths = call.required_constant(1, "the depth").to_f64();
  if (depths.size() != 1 || !(depths[0] >= 0 && depths[0] <= kMostStated))
    call.invalid("the depth is not one positive number");
  if (ir::num_elements(call.dims(2)) != 2) call.invalid("values must be [off, on]");
  const auto depth = static_cast<std::int64_t>(depths[0]);
  const auto axis =
      static_cast<std::uint32_t>(normalise_axis(call, call.attr_i("axis", -1), call.rank(0) + 1));
  Dims dims = indices;
  dims.insert(dims.begin() + axis, depth);
  ir::Access access;
  for (std::uint32_t d = 0; d < indices.size(); ++d) {
    access.push_back(ir::along(d < axis ? d : d + 1));
  }
  ir::Builder& builder = call.b();
  const ValueId values = builder.reshape(call.input(2), {2});
  const std::vector<ir::Read> reads{builder.read(call.input(0), access),
                                    builder.read(values, {ir::at(0)}),
                                    builder.read(values, {ir::at(1)})};
  call.set_output(0, builder.map(call.dtype(2), dims, reads, [=](Body& b, std::span<const Reg> r) {
    const Reg wanted = b.cast(r[0], RDU_DTYPE_I64), zero = b.integer(RDU_DTYPE_I64, 0);
    const Reg from_end = b.add(wanted, b.integer(RDU_DTYPE_I64, depth));
    const Reg positive = b.select(b.binary(RDU_OP_LT, wanted, zero), from_end, wanted);
    b.result(b.select(b.binary(RDU_OP_EQ, positive, b.index(axis)), r[2], r[1]));
  }));
}

// The first sequence_lens[batch] elements along the time axis in reverse, the rest as they are.
void import_reverse_sequence(OpCall& call) {
  const Dims dims = call.dims(0);
  const auto time =
      static_cast<std::uint32_t>(normalise_axis(call, call.attr_i("time_axis", 0), call.rank(0)));
  const auto batch =
      static_cast<std::uint32_t>(normalise_axis(call, call.attr_i("batch_axis", 1), call.rank(0)));
  if (time == batch || call.dims(1) != Dims{dims[batch]}) {
    call.invalid("sequence_lens of shape " + to_text(call.dims(1)) + " for an input of shape " +
                 to_text(dims));
  }
  ir::Builder& builder = call.b();
  const ValueId position = builder.map(
      RDU_DTYPE_I64, {dims[time], dims[batch]}, {builder.read(call.input(1), {ir::along(1)})},
      [](Body& b, std::span<const Reg> r) {
        const Reg length = b.cast(r[0], RDU_DTYPE_I64), at = b.index(0);
        const Reg last = b.sub(length, b.integer(RDU_DTYPE_I64, 1));
        b.result(b.select(b.binary(RDU_OP_LT, at, length), b.sub(last, at), at));
      });
  ir::Access access = ir::identity_access(dims.size());
  access[time] = {};
  access[time].source = position;
  access[time].source_access = {ir::along(time), ir::along(batch)};
  access[time].outside = RDU_OUTSIDE_ERROR;
  call.set_output(0, builder.map(call.dtype(0), dims, {builder.read(call.input(0), access)},
                                 [](Body& b, std::span<const Reg> r) { b.result(r[0]); }));
}

constexpr OpEntry kOps[] = {
    {"", "EyeLike", 9, import_eye_like},
    {"", "OneHot", 9, import_one_hot},
    {"", "ReverseSequence", 10, import_reverse_sequence},
    {"", "Trilu", 14, import_trilu},
};

}  // namespace

std::span<const OpEntry> positional_ops() { return kOps; }

}  // namespace rducc::import_onnx
