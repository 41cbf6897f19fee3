// Each mask is a condition on where a score stands, or on what a tensor says there.
#include "tools/rducc/import/onnx/ops/attention_mask.hpp"

#include "tools/rducc/import/onnx/ops/operands.hpp"

namespace rducc::import_onnx {
namespace {

Reg masked_unless(Body& b, Reg keep, Reg score, Masked masked) {
  const Reg value = b.like(score, masked.value);
  return b.select(keep, score, masked.added ? b.add(score, value) : value);
}

// A tensor whose dimensions are `axes` of the scores, each as long, 1, or (the columns) shorter.
ir::Access broadcast(const Scores& scores, ValueId id, std::span<const std::size_t> axes) {
  const ir::Shape shape = scores.builder.shape(id);
  const ir::Index along[] = {ir::along(scores.loops.batch), scores.loops.query_head(),
                             ir::along(scores.loops.row), ir::along(scores.loops.column)};
  ir::Access access;
  for (std::size_t d = 0; d < shape.size(); ++d) {
    const std::size_t axis = axes[d];
    const ir::Extent& extent = scores.shape[axis];
    if (ir::same_extent(shape[d], extent)) {
      access.push_back(along[axis]);
    } else if (axis == 3 && shape[d].bound <= extent.bound) {
      access.push_back(ir::outside(along[axis], RDU_OUTSIDE_FILL));
    } else if (shape[d].is_one()) {
      access.push_back(ir::at(0));
    } else {
      scores.call.invalid("a mask of shape " + ir::to_text(shape) + " for scores of shape " +
                          ir::to_text(scores.shape));
    }
  }
  return access;
}

using Condition = std::function<Reg(Body&, Reg row, Reg column, Reg position)>;

// Keeps where `condition` holds of a row, a column and a position of the batch.
ScoreStep keep_where(const Scores& scores, Position position, Masked masked,
                     const Condition& condition) {
  ScoreStep step;
  const bool read = position.value != ir::kNone;
  if (read) {
    const Dims& dims = scores.builder.dims(position.value);
    ir::Access access(dims.size(), ir::at(0));
    if (ir::num_elements(dims) != 1) access = {ir::along(scores.loops.batch)};
    step.reads = {scores.builder.read(position.value, std::move(access))};
  }
  step.apply = [=, loops = scores.loops](Body& b, Reg score, std::span<const Reg> r) {
    Reg at = b.integer(RDU_DTYPE_I64, position.known);
    if (read) at = b.add(b.cast(r[0], RDU_DTYPE_I64), at);
    const Reg keep = condition(b, b.index(loops.row), b.index(loops.column), at);
    return masked_unless(b, keep, score, masked);
  };
  return step;
}

}  // namespace

Scores::Scores(const OpCall& op, ir::Builder& b, const HeadTensor& query, const HeadTensor& key)
    : call(op),
      builder(b),
      loops(query, key),
      shape{{query.batch}, {query.heads}, query.length, key.length} {}

ScoreStep add_mask(const Scores& scores, ValueId bias) {
  const std::size_t rank = scores.builder.dims(bias).size();
  if (rank > 4) scores.call.invalid("a mask of rank " + std::to_string(rank));
  constexpr std::size_t kAxes[] = {0, 1, 2, 3};
  const ir::Access access =
      broadcast(scores, bias, std::span<const std::size_t>(kAxes).subspan(4 - rank));
  const bool keeps = scores.builder.dtype(bias) == RDU_DTYPE_BOOL;
  ScoreStep step;
  step.reads = {scores.builder.read_fill(bias, access, keeps ? 0 : Masked{}.value)};
  step.apply = [keeps](Body& b, Reg score, std::span<const Reg> r) {
    return keeps ? masked_unless(b, r[0], score, {}) : b.add(score, b.cast(r[0], score.dtype));
  };
  return step;
}

ScoreStep keep_positive(const Scores& scores, ValueId mask, std::span<const std::size_t> axes,
                        Masked masked) {
  ScoreStep step;
  step.reads = {scores.builder.read_fill(mask, broadcast(scores, mask, axes), 0)};
  step.apply = [masked](Body& b, Reg score, std::span<const Reg> r) {
    return masked_unless(b, b.binary(RDU_OP_GT, r[0], b.like(r[0], 0)), score, masked);
  };
  return step;
}

ScoreStep causal(const Scores& scores, Position first_row, Masked masked) {
  return keep_where(scores, first_row, masked, [](Body& b, Reg row, Reg column, Reg first) {
    return b.binary(RDU_OP_LE, column, b.add(row, first));
  });
}

ScoreStep local_window(const Scores& scores, Position first_row, std::int64_t size) {
  first_row.known -= size;
  return keep_where(scores, first_row, {}, [](Body& b, Reg row, Reg column, Reg before) {
    return b.binary(RDU_OP_GT, column, b.add(row, before));
  });
}

ScoreStep columns_before(const Scores& scores, Position end, Masked masked) {
  return keep_where(scores, end, masked, [](Body& b, Reg, Reg column, Reg last) {
    return b.binary(RDU_OP_LT, column, last);
  });
}

ScoreStep columns_from(const Scores& scores, Position start, Masked masked) {
  return keep_where(scores, start, masked, [](Body& b, Reg, Reg column, Reg first) {
    return b.binary(RDU_OP_GE, column, first);
  });
}

}  // namespace rducc::import_onnx
