// LRN and LpNormalization: each element over a norm of its neighbours or of its row.
#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {
namespace {

// x / (bias + alpha / size * Σ x²)^beta, the sum over `size` neighbouring channels.
void import_lrn(OpCall& call) {
  require_float(call, 0);
  const Dims dims = call.dims(0);
  const std::int64_t size = call.attr_i("size", 0);
  if (dims.size() < 2 || size < 1) {
    call.invalid("size = " + std::to_string(size) + " for an input of shape " + to_text(dims));
  }
  const double alpha = call.attr_f("alpha", 1e-4F) / static_cast<double>(size);
  const double beta = call.attr_f("beta", 0.75), bias = call.attr_f("bias", 1);
  ir::Builder& builder = call.b();
  const auto rank = static_cast<std::uint32_t>(dims.size());
  ir::ReduceSpec spec;
  for (const std::int64_t extent : dims) spec.loops.push_back({extent, ir::kNone, RDU_LOOP_PLAIN});
  spec.num_parallel = rank;
  spec.loops.push_back({size, ir::kNone, RDU_LOOP_PLAIN});
  ir::Access neighbours = ir::identity_access(rank);
  neighbours[1] = ir::outside(ir::along(1, 1, -((size - 1) / 2)), RDU_OUTSIDE_FILL);
  neighbours[1].terms.push_back({rank, 1});
  const rdu_dtype dtype = call.dtype(0), acc = wide(dtype);
  spec.reads = {builder.read_fill(call.input(0), neighbours, 0)};
  spec.body = [acc](Body& b, std::span<const Reg> r) {
    const Reg x = b.cast(r[0], acc);
    b.result(b.mul(x, x));
  };
  spec.acc_dtype = acc;
  spec.epilogue_reads = {builder.read(call.input(0), ir::identity_access(rank))};
  spec.epilogue = [=](Body& b, Reg sum, std::span<const Reg> r) {
    const Reg base = b.add(b.like(sum, bias), b.mul(sum, b.like(sum, alpha)));
    const Reg scale = b.binary(RDU_OP_POW, base, b.like(base, beta));
    b.result(b.cast(b.div(b.cast(r[0], acc), scale), dtype));
  };
  spec.dtype = dtype;
  spec.dims = dims;
  call.set_output(0, builder.reduce(std::move(spec)));
}

// x / |x|_p along an axis; a row of zeros stays one.
void import_lp_normalization(OpCall& call) {
  require_float(call, 0);
  const std::int64_t p = call.attr_i("p", 2);
  if (p != 1 && p != 2) call.unsupported("attribute p = " + std::to_string(p));
  const std::int64_t axis = normalise_axis(call, call.attr_i("axis", -1), call.rank(0));
  const rdu_dtype dtype = call.dtype(0), acc = wide(dtype);
  ir::Builder& builder = call.b();
  const ValueId norm = builder.reduce_axes(
      call.input(0), std::span(&axis, 1), true, RDU_COMBINE_ADD, acc, acc,
      [=](Body& b, Reg x) {
        x = b.cast(x, acc);
        return p == 1 ? b.unary(RDU_OP_ABS, x) : b.mul(x, x);
      },
      [=](Body& b, Reg sum) { return p == 1 ? sum : b.unary(RDU_OP_SQRT, sum); });
  call.set_output(
      0, builder.elementwise(dtype, {call.input(0), norm}, [=](Body& b, std::span<const Reg> r) {
        const Reg zero = b.like(r[1], 0);
        const Reg y = b.div(b.cast(r[0], acc), r[1]);
        b.result(b.cast(b.select(b.binary(RDU_OP_EQ, r[1], zero), zero, y), dtype));
      }));
}

constexpr OpEntry kOps[] = {
    {"", "LRN", 1, import_lrn},
    {"", "LpNormalization", 1, import_lp_normalization},
};

}  // namespace

std::span<const OpEntry> local_norm_ops() { return kOps; }

}  // namespace rducc::import_onnx
