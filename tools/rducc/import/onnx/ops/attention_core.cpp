// The decomposition keeps what is as large as the scores to one map: scale and masks are the product's
// epilogue, and the sum of a row divides what the second product yields.
#include "tools/rducc/import/onnx/ops/attention_core.hpp"

#include <cmath>

#include "tools/rducc/import/onnx/ops/contraction.hpp"
#include "tools/rducc/import/onnx/ops/operands.hpp"

namespace rducc::import_onnx {

ScoreLoops::ScoreLoops(const HeadTensor& query, const HeadTensor& key)
    : group(query.heads / key.heads) {
  if (group != 1) {
    row = 3;
    column = 4;
  }
}

ir::Index ScoreLoops::query_head() const {
  return group == 1 ? ir::along(head) : sum(ir::along(head, group), ir::along(head + 1));
}

namespace {

ScoreStep softcap_step(double cap) {
  return {{}, [cap](Body& b, Reg score, std::span<const Reg>) {
            const Reg bent = b.unary(RDU_OP_TANH, b.div(score, b.like(score, cap)));
            return b.mul(bent, b.like(score, cap));
          }};
}

// The reads of several steps in one list, and their instructions one after the other.
class StepChain {
 public:
  explicit StepChain(std::span<const ScoreStep> steps) : steps_(steps) {}

  std::vector<ir::Read> reads() const {
    std::vector<ir::Read> all;
    for (const ScoreStep& step : steps_) {
      all.insert(all.end(), step.reads.begin(), step.reads.end());
    }
    return all;
  }

  Reg apply(Body& b, Reg score, std::span<const Reg> reads) const {
    for (const ScoreStep& step : steps_) {
      score = step.apply(b, score, reads.first(step.reads.size()));
      reads = reads.subspan(step.reads.size());
    }
    return score;
  }

 private:
  std::span<const ScoreStep> steps_;
};

class Decomposition {
 public:
  Decomposition(ir::Builder& builder, const AttentionSpec& spec)
      : builder_(builder), spec_(spec), loops_(spec.query, spec.key), dtype_(spec.softmax_dtype) {}

  AttentionResult run() {
    AttentionResult result;
    const ValueId scores = masked_scores();
    const ValueId largest = row_maximum(scores);
    const ValueId powers = exponentials(scores, largest);
    const ValueId inverse = inverse_sum(powers, largest);
    if (spec_.snapshot == Snapshot::kSoftmax) {
      snapshot_ = builder_.map(
          dtype_, score_loops(), {builder_.read(powers, all()), builder_.read(inverse, row())},
          [](Body& b, std::span<const Reg> r) { b.result(b.mul(r[0], r[1])); });
    }
    result.output = weighted_values(powers, inverse);
    if (spec_.snapshot != Snapshot::kNone) result.scores = as_output(snapshot_);
    return result;
  }

 private:
  ir::Access all() const { return ir::identity_access(loops_.count()); }
  ir::Access row() const { return ir::identity_access(loops_.column); }

  std::vector<ir::Loop> row_loops() const {
    std::vector<ir::Loop> loops = {{spec_.query.batch, ir::kNone, RDU_LOOP_BATCH},
                                   {spec_.key.heads, ir::kNone, RDU_LOOP_BATCH}};
    if (loops_.group != 1) loops.push_back({loops_.group, ir::kNone, RDU_LOOP_M});
    loops.push_back(ir::loop_over(spec_.query.length, RDU_LOOP_M));
    return loops;
  }

  std::vector<ir::Loop> score_loops() const {
    std::vector<ir::Loop> loops = row_loops();
    loops.push_back(ir::loop_over(spec_.key.length, RDU_LOOP_N));
    for (ir::Loop& loop : loops) loop.role = RDU_LOOP_PLAIN;
    return loops;
  }

  static Dims extents(std::span<const ir::Loop> loops) {
    Dims dims;
    for (const ir::Loop& loop : loops) dims.push_back(loop.extent);
    return dims;
  }

  bool untouched() const {
    return spec_.softcap == 0 && spec_.masks.empty() && spec_.snapshot != Snapshot::kProduct &&
           spec_.snapshot != Snapshot::kSoftcap && spec_.snapshot != Snapshot::kMasked &&
           spec_.sink == ir::kNone;
  }
  // A positive factor commutes with the maximum: where nothing else happens to the scores it is left
  // to the exponentials, and the product has no epilogue.
  bool scale_is_late() const { return untouched() && spec_.scale > 0; }

  ValueId masked_scores() {
    std::vector<ScoreStep> steps;
    if (spec_.softcap != 0) steps.push_back(softcap_step(spec_.softcap));
    const std::size_t num_early = spec_.snapshot == Snapshot::kProduct ? 0 : steps.size();
    steps.insert(steps.end(), spec_.masks.begin(), spec_.masks.end());
    const bool cut = spec_.snapshot == Snapshot::kProduct || spec_.snapshot == Snapshot::kSoftcap;
    const std::span<const ScoreStep> early =
        std::span<const ScoreStep>(steps).first(cut ? num_early : steps.size());
    const ValueId scores = product(StepChain(early));
    if (spec_.snapshot != Snapshot::kSoftmax) snapshot_ = scores;
    return early.size() == steps.size()
               ? scores
               : later(scores, StepChain(std::span<const ScoreStep>(steps).subspan(num_early)));
  }

  ValueId product(const StepChain& steps) {
    const ir::Index batch = ir::along(loops_.batch), channel = ir::along(loops_.count());
    ir::ReduceSpec p;
    p.loops = row_loops();
    p.loops.push_back(ir::loop_over(spec_.key.length, RDU_LOOP_N));
    p.dims = extents(p.loops);
    p.num_parallel = loops_.count();
    p.loops.push_back({spec_.query.size, ir::kNone, RDU_LOOP_K});
    p.reads = {builder_.read(spec_.query.value, spec_.query.access(batch, loops_.query_head(),
                                                                   ir::along(loops_.row), channel)),
               builder_.read(spec_.key.value, spec_.key.access(batch, ir::along(loops_.head),
                                                               ir::along(loops_.column), channel))};
    p.body = product_in(dtype_);
    p.acc_dtype = p.dtype = dtype_;
    p.epilogue_reads = steps.reads();
    const double scale = scale_is_late() ? 1 : spec_.scale;
    p.epilogue = [&steps, scale](Body& b, Reg acc, std::span<const Reg> r) {
      b.result(steps.apply(b, scale == 1 ? acc : b.mul(acc, b.like(acc, scale)), r));
    };
    return builder_.contract(std::move(p));
  }

  ValueId later(ValueId scores, const StepChain& steps) {
    std::vector<ir::Read> reads = steps.reads();
    reads.insert(reads.begin(), builder_.read(scores, all()));
    return builder_.map(dtype_, score_loops(), reads, [&](Body& b, std::span<const Reg> r) {
      b.result(steps.apply(b, r[0], r.subspan(1)));
    });
  }

  ir::ReduceSpec over_row(ValueId scores, rdu_combine_op combine) const {
    ir::ReduceSpec r;
    r.loops = score_loops();
    r.num_parallel = loops_.column;
    r.dims = extents(std::span<const ir::Loop>(r.loops).first(loops_.column));
    r.reads = {builder_.read(scores, all())};
    r.body = [](Body& b, std::span<const Reg> reads) { b.result(reads[0]); };
    r.combine = combine;
    r.acc_dtype = r.dtype = dtype_;
    return r;
  }

  bool has_sink() const { return spec_.sink != ir::kNone; }

  ir::Read sink_of_row() const {
    const bool shared = builder_.dims(spec_.sink).empty();
    return builder_.read(spec_.sink, shared ? ir::Access{} : ir::Access{loops_.query_head()});
  }

  // A row of which nothing is left has the maximum 0, so that its exponentials are 0 and not NaN.
  ValueId row_maximum(ValueId scores) {
    ir::ReduceSpec r = over_row(scores, RDU_COMBINE_MAX);
    if (has_sink()) r.epilogue_reads = {sink_of_row()};
    r.epilogue = [&](Body& b, Reg largest, std::span<const Reg> sink) {
      if (has_sink()) largest = b.max(largest, b.cast(sink[0], dtype_));
      const bool may_be_empty = !spec_.masks.empty();
      b.result(may_be_empty ? b.select(b.isinf(largest, false, true), b.like(largest, 0), largest)
                            : largest);
    };
    return builder_.reduce(std::move(r));
  }

  ValueId exponentials(ValueId scores, ValueId largest) {
    const double scale = scale_is_late() ? spec_.scale : 1;
    return builder_.map(dtype_, score_loops(),
                        {builder_.read(scores, all()), builder_.read(largest, row())},
                        [scale](Body& b, std::span<const Reg> r) {
                          const Reg below = b.sub(r[0], r[1]);
                          b.result(b.exp(scale == 1 ? below : b.mul(below, b.like(below, scale))));
                        });
  }

  ValueId inverse_sum(ValueId powers, ValueId largest) {
    ir::ReduceSpec r = over_row(powers, RDU_COMBINE_ADD);
    if (has_sink()) r.epilogue_reads = {builder_.read(largest, row()), sink_of_row()};
    r.epilogue = [&](Body& b, Reg total, std::span<const Reg> reads) {
      if (has_sink()) total = b.add(total, b.exp(b.sub(b.cast(reads[1], dtype_), reads[0])));
      b.result(b.unary(RDU_OP_RCP, total));
    };
    return builder_.reduce(std::move(r));
  }

  // The loops of the result in the order of its dimensions, so that it is written as it lies.
  ValueId weighted_values(ValueId powers, ValueId inverse) {
    std::vector<ir::Loop> rows = row_loops();
    std::vector<std::uint32_t> place(rows.size());  // of a loop of the scores among those here
    ir::ReduceSpec p;
    const auto take = [&](std::uint32_t loop) {
      place[loop] = static_cast<std::uint32_t>(p.loops.size());
      p.loops.push_back(rows[loop]);
    };
    take(loops_.batch);
    if (spec_.layout == HeadLayout::kRows) take(loops_.row);
    for (std::uint32_t loop = loops_.head; loop < loops_.row; ++loop) take(loop);
    if (spec_.layout == HeadLayout::kHeadsFirst) take(loops_.row);
    const auto channel = static_cast<std::uint32_t>(p.loops.size());
    p.loops.push_back({spec_.value.size, ir::kNone, RDU_LOOP_N});
    p.num_parallel = channel + 1;
    p.dims = extents(p.loops);
    p.loops.push_back(ir::loop_over(spec_.key.length, RDU_LOOP_K));
    ir::Access of_row;
    for (const std::uint32_t loop : place) of_row.push_back(ir::along(loop));
    ir::Access of_score = of_row;
    of_score.push_back(ir::along(channel + 1));
    p.reads = {builder_.read(powers, of_score),
               builder_.read(
                   spec_.value.value,
                   spec_.value.access(ir::along(place[loops_.batch]), ir::along(place[loops_.head]),
                                      ir::along(channel + 1), ir::along(channel)))};
    p.body = product_in(dtype_);
    p.acc_dtype = dtype_;
    p.epilogue_reads = {builder_.read(inverse, of_row)};
    p.epilogue = [&](Body& b, Reg acc, std::span<const Reg> r) {
      const Reg y = b.mul(acc, r[0]);
      const bool may_be_empty = !spec_.masks.empty();
      b.result(b.cast(may_be_empty ? b.select(b.isinf(r[0], true, false), b.like(y, 0), y) : y,
                      spec_.dtype));
    };
    p.dtype = spec_.dtype;
    const ValueId result = builder_.contract(std::move(p));
    const HeadTensor& q = spec_.query;
    return builder_.reshape_to(result,
                               spec_.layout == HeadLayout::kRows
                                   ? ir::Shape{{q.batch}, q.length, {q.heads * spec_.value.size}}
                                   : ir::Shape{{q.batch}, {q.heads}, q.length, {spec_.value.size}});
  }

  ValueId as_output(ValueId scores) {
    const HeadTensor& q = spec_.query;
    return builder_.cast(
        builder_.reshape_to(scores, {{q.batch}, {q.heads}, q.length, spec_.key.length}),
        spec_.dtype);
  }

  ir::Builder& builder_;
  const AttentionSpec& spec_;
  const ScoreLoops loops_;
  const rdu_dtype dtype_;
  ValueId snapshot_ = ir::kNone;
};

}  // namespace

AttentionResult attention(ir::Builder& builder, const AttentionSpec& spec) {
  return Decomposition(builder, spec).run();
}

}  // namespace rducc::import_onnx
