// Prefix combinations by doubling: after step k each element holds 2^k neighbours, so that n
// elements need log2(n) maps and none waits for its predecessor.
#include "tools/rducc/import/onnx/ops/cumulative.hpp"

#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {
namespace {

// x shifted by `distance` along the axis, what moves in being `fill`.
ir::Read shifted(ir::Builder& builder, ValueId x, std::uint32_t axis, std::int64_t distance,
                 double fill) {
  ir::Access access = ir::identity_access(builder.dims(x).size());
  access[axis] = ir::outside(ir::along(axis, 1, -distance), RDU_OUTSIDE_FILL);
  return builder.read_fill(x, access, fill);
}

// CumSum and CumProd; what an exclusive one starts with is the identity.
template <rdu_body_op Op>
void import_cumulative(OpCall& call) {
  constexpr double kIdentity = Op == RDU_OP_MUL ? 1 : 0;
  const std::vector<std::int64_t> axes = call.required_constant(1, "the axis").to_i64();
  if (axes.size() != 1) call.invalid("the axis is not a scalar");
  const auto axis = static_cast<std::uint32_t>(normalise_axis(call, axes[0], call.rank(0)));
  const Direction direction =
      call.attr_i("reverse", 0) != 0 ? Direction::kReverse : Direction::kForward;
  ir::Builder& builder = call.b();
  const rdu_dtype dtype = call.dtype(0);
  ValueId x = builder.cast(call.input(0), wide(dtype));
  if (call.attr_i("exclusive", 0) != 0) {
    const std::int64_t distance = direction == Direction::kReverse ? -1 : 1;
    x = builder.map(wide(dtype), call.shape(0), {shifted(builder, x, axis, distance, kIdentity)},
                    [](Body& b, std::span<const Reg> r) { b.result(r[0]); });
  }
  x = prefix_combine(builder, x, axis, direction, Op, kIdentity);
  call.set_output(0, builder.cast(x, dtype));
}

constexpr OpEntry kOps[] = {
    {"", "CumProd", 26, import_cumulative<RDU_OP_MUL>},
    {"", "CumSum", 11, import_cumulative<RDU_OP_ADD>},
};

}  // namespace

ValueId prefix_combine(ir::Builder& builder, ValueId x, std::uint32_t axis, Direction direction,
                       rdu_body_op combine, double identity) {
  const ir::Shape shape = builder.shape(x);
  for (std::int64_t distance = 1; distance < shape[axis].bound; distance *= 2) {
    const std::int64_t shift = direction == Direction::kReverse ? -distance : distance;
    const std::vector<ir::Read> reads{builder.read(x, ir::identity_access(shape.size())),
                                      shifted(builder, x, axis, shift, identity)};
    x = builder.map(builder.dtype(x), shape, reads, [&](Body& b, std::span<const Reg> r) {
      b.result(b.binary(combine, r[1], r[0]));
    });
  }
  return x;
}

std::span<const OpEntry> cumulative_ops() { return kOps; }

}  // namespace rducc::import_onnx
