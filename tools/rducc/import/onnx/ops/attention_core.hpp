// Scaled dot-product attention as patterns: a product, what is done to its scores, softmax, a product.
#pragma once

#include <functional>
#include <vector>

#include "tools/rducc/import/onnx/ops/head_tensor.hpp"

namespace rducc::import_onnx {

// The loops of the scores: [batch, heads of the keys, (queries of a group,) rows, columns]. A head of
// the keys serves a group of heads of the queries: nothing is repeated.
struct ScoreLoops {
  ScoreLoops(const HeadTensor& query, const HeadTensor& key);

  std::int64_t group = 1;  // heads of the queries per head of the keys
  std::uint32_t batch = 0, head = 1, row = 2, column = 3;

  std::uint32_t count() const { return column + 1; }
  ir::Index query_head() const;  // its number
};

// Something done to a score between the product and the softmax.
struct ScoreStep {
  std::vector<ir::Read> reads;  // over the loops of the scores
  std::function<Reg(Body&, Reg score, std::span<const Reg> reads)> apply;
};

// Which scores are a result of their own.
enum class Snapshot { kNone, kProduct, kSoftcap, kMasked, kSoftmax };

struct AttentionSpec {
  HeadTensor query, key, value;                 // keys and values: with those of the past
  HeadLayout layout = HeadLayout::kHeadsFirst;  // of the result; rows: all heads in order
  rdu_dtype dtype = RDU_DTYPE_F32;              // of the result
  rdu_dtype softmax_dtype = RDU_DTYPE_F32;      // no narrower than F32
  double scale = 1;
  double softcap = 0;            // 0: none
  std::vector<ScoreStep> masks;  // in this order; a row of which nothing is left attends to nothing
  // One more column of the softmax, without a value: scalar, or one per head of the queries.
  ValueId sink = ir::kNone;
  Snapshot snapshot = Snapshot::kNone;
};

struct AttentionResult {
  ValueId output;
  ValueId scores = ir::kNone;  // the snapshot, [batch, heads, rows, columns]
};

AttentionResult attention(ir::Builder& builder, const AttentionSpec& spec);

}  // namespace rducc::import_onnx
