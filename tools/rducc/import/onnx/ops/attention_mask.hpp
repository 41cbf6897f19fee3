// What is done to the scores of attention: biases and masks, known and at run time.
#pragma once

#include <limits>

#include "tools/rducc/import/onnx/ops/attention_core.hpp"

namespace rducc::import_onnx {

// What becomes of a score that is masked.
struct Masked {
  double value = -std::numeric_limits<double>::infinity();
  bool added = false;  // to the score, else in its place
};

// Where a batch stands: `known` plus an integer that may differ from batch to batch.
struct Position {
  std::int64_t known = 0;
  ValueId value = ir::kNone;  // scalar, [1] or [batch]

  // Behind the last position.
  static Position at_end(const HeadTensor& x) {
    return x.length.is_constant() ? Position{x.length.bound, ir::kNone}
                                  : Position{0, x.length.value};
  }
};

// The scores, for what reads along them.
struct Scores {
  Scores(const OpCall& call, ir::Builder& builder, const HeadTensor& query, const HeadTensor& key);

  const OpCall& call;
  ir::Builder& builder;
  ScoreLoops loops;
  ir::Shape shape;  // [batch, heads of the queries, rows, columns]
};

// A float tensor that broadcasts to the scores is added; a BOOL one keeps where it is true. Either
// may have fewer columns: those beyond are masked.
ScoreStep add_mask(const Scores& scores, ValueId bias);
// An integer tensor that broadcasts to the scores keeps where it is positive. `axes`: which of the
// dimensions of the scores it has.
ScoreStep keep_positive(const Scores& scores, ValueId mask, std::span<const std::size_t> axes,
                        Masked masked);
// Row i keeps the columns up to first_row + i.
ScoreStep causal(const Scores& scores, Position first_row, Masked masked = {});
// Row i keeps `size` columns, the last of which is first_row + i, and all after it.
ScoreStep local_window(const Scores& scores, Position first_row, std::int64_t size);
// Columns before `end` are kept.
ScoreStep columns_before(const Scores& scores, Position end, Masked masked = {});
// Columns from `start` on are kept.
ScoreStep columns_from(const Scores& scores, Position start, Masked masked = {});

}  // namespace rducc::import_onnx
