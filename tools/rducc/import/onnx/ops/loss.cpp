// Losses over classes: a gather of the target's score, weighted, then a reduction.
#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/ops/softmax.hpp"
#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {
namespace {

// Targets as indices, and where they count at all.
struct Targets {
  ValueId index = ir::kNone;   // ignored ones point at class 0
  ValueId weight = ir::kNone;  // per target, 0 where it is ignored; kNone: 1 everywhere
};

ir::Index indexed_by(ValueId source, ir::Access access) {
  ir::Index index;
  index.source = source;
  index.source_access = std::move(access);
  return ir::outside(index, RDU_OUTSIDE_ERROR);
}

Targets read_targets(OpCall& call, rdu_dtype dtype) {
  ir::Builder& builder = call.b();
  Targets t;
  t.index = call.input(1);
  const rdu_dtype index_dtype = call.dtype(1);
  if (index_dtype != RDU_DTYPE_I32 && index_dtype != RDU_DTYPE_I64) {
    call.invalid("the target must be of type int32 or int64");
  }
  const bool ignores = call.has_attr("ignore_index");
  const std::int64_t ignored = call.attr_i("ignore_index", 0);
  if (ignores) {
    t.index = builder.elementwise(index_dtype, {t.index}, [=](Body& b, std::span<const Reg> r) {
      const Reg skip = b.binary(RDU_OP_EQ, r[0], b.integer(index_dtype, ignored));
      b.result(b.select(skip, b.integer(index_dtype, 0), r[0]));
    });
  }
  const Dims dims = call.dims(1);
  std::vector<ir::Read> reads;
  if (call.has_input(2)) {
    reads.push_back(
        builder.read(call.input(2), {indexed_by(t.index, ir::identity_access(dims.size()))}));
  }
  if (ignores) reads.push_back(builder.read(call.input(1), ir::identity_access(dims.size())));
  if (reads.empty()) return t;
  t.weight = builder.map(dtype, dims, reads, [&](Body& b, std::span<const Reg> r) {
    const Reg one = call.has_input(2) ? b.cast(r[0], dtype) : b.constant(dtype, 1);
    if (!ignores) return b.result(one);
    const Reg skip = b.binary(RDU_OP_EQ, r.back(), b.integer(index_dtype, ignored));
    b.result(b.select(skip, b.constant(dtype, 0), one));
  });
  return t;
}

ValueId sum_all(ir::Builder& builder, ValueId x) {
  std::vector<std::int64_t> axes;
  for (std::size_t d = 0; d < builder.dims(x).size(); ++d) {
    axes.push_back(static_cast<std::int64_t>(d));
  }
  const rdu_dtype dtype = builder.dtype(x);
  return builder.reduce_axes(x, axes, false, RDU_COMBINE_ADD, dtype, dtype);
}

// -weight · log_prob[n, target, d…], reduced as the attribute says.
ValueId likelihood_loss(OpCall& call, ValueId log_prob) {
  ir::Builder& builder = call.b();
  const Dims scores = builder.dims(log_prob), dims = call.dims(1);
  Dims expected = scores;
  if (scores.size() < 2) call.invalid("scores of shape " + to_text(scores));
  expected.erase(expected.begin() + 1);
  if (dims != expected || (call.has_input(2) && call.dims(2) != Dims{scores[1]})) {
    call.invalid("target of shape " + to_text(dims) + " for scores of shape " + to_text(scores));
  }
  const rdu_dtype dtype = builder.dtype(log_prob);
  const Targets targets = read_targets(call, dtype);
  ir::Access access{ir::along(0), indexed_by(targets.index, ir::identity_access(dims.size()))};
  for (std::uint32_t d = 1; d < dims.size(); ++d) access.push_back(ir::along(d));
  std::vector<ir::Read> reads{builder.read(log_prob, access)};
  const bool weighted = targets.weight != ir::kNone;
  if (weighted) {
    reads.push_back(builder.read(targets.weight, ir::identity_access(dims.size())));
  }
  const ValueId loss = builder.map(dtype, dims, reads, [=](Body& b, std::span<const Reg> r) {
    const Reg negative = b.neg(r[0]);
    b.result(weighted ? b.mul(negative, r[1]) : negative);
  });
  const std::string reduction = call.attr_s("reduction", "mean");
  if (reduction == "none") return loss;
  const ValueId total = sum_all(builder, loss);
  if (reduction == "sum") return total;
  if (reduction != "mean") call.invalid("attribute reduction = '" + reduction + "'");
  const ValueId count = weighted
                            ? sum_all(builder, targets.weight)
                            : builder.scalar(dtype, static_cast<double>(ir::num_elements(dims)));
  return builder.elementwise(dtype, {total, count},
                             [](Body& b, std::span<const Reg> r) { b.result(b.div(r[0], r[1])); });
}

void set_loss(OpCall& call, ValueId log_prob) {
  const rdu_dtype dtype = call.dtype(0);
  call.set_output(0, call.b().cast(likelihood_loss(call, log_prob), dtype));
}

void import_likelihood_loss(OpCall& call) {
  require_float(call, 0);
  set_loss(call, call.b().cast(call.input(0), wide(call.dtype(0))));
}

void import_cross_entropy(OpCall& call) {
  require_float(call, 0);
  ir::Builder& builder = call.b();
  const rdu_dtype dtype = call.dtype(0);
  const std::int64_t axis = 1;
  const ValueId log_prob =
      log_softmax(builder, builder.cast(call.input(0), wide(dtype)), std::span(&axis, 1));
  set_loss(call, log_prob);
  if (call.wants_output(1)) call.set_output(1, builder.cast(log_prob, dtype));
}

constexpr OpEntry kOps[] = {
    {"", "NegativeLogLikelihoodLoss", 12, import_likelihood_loss},
    {"", "SoftmaxCrossEntropyLoss", 12, import_cross_entropy},
};

}  // namespace

std::span<const OpEntry> loss_ops() { return kOps; }

}  // namespace rducc::import_onnx
