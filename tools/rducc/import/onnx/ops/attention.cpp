// Attention of ai.onnx: of rank 3 or 4, grouped, masked, softcapped, with a cache inside or outside.
#include <algorithm>
#include <cmath>

#include "tools/rducc/import/onnx/ops/attention_mask.hpp"
#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {
namespace {

enum Input : std::size_t { kQuery, kKey, kValue, kMask, kPastKey, kPastValue, kValidColumns };
enum Output : std::size_t { kResult, kPresentKey, kPresentValue, kScores };

HeadTensor heads_of(OpCall& call, Input input, std::string_view attribute) {
  if (call.rank(input) == 4) return heads_first(call, call.input(input));
  if (!call.has_attr(attribute)) {
    call.invalid("inputs of rank 3 need the attribute " + std::string(attribute));
  }
  return rows_of_heads(call, call.input(input), call.attr_i(attribute, 0));
}

// The position of the first query among the keys.
Position first_row_of(OpCall& call, const HeadTensor& query) {
  if (call.has_input(kPastKey)) {
    return Position::at_end(heads_first(call, call.input(kPastKey)));
  }
  if (call.has_input(kValidColumns)) {
    if (!query.length.is_constant()) call.unsupported("queries whose number a run decides");
    return {-query.length.bound, call.input(kValidColumns)};
  }
  return {};
}

Snapshot snapshot_of(const OpCall& call) {
  if (!call.wants_output(kScores)) return Snapshot::kNone;
  switch (const std::int64_t mode = call.attr_i("qk_matmul_output_mode", 0)) {
    case 0:
      return Snapshot::kProduct;
    case 1:
      return Snapshot::kSoftcap;
    case 2:
      return Snapshot::kMasked;
    case 3:
      return Snapshot::kSoftmax;
    default:
      call.invalid("attribute qk_matmul_output_mode = " + std::to_string(mode));
  }
}

void require_shapes(const OpCall& call, const AttentionSpec& spec) {
  const HeadTensor &q = spec.query, &k = spec.key, &v = spec.value;
  const bool same = q.batch == k.batch && k.batch == v.batch && k.heads == v.heads &&
                    ir::same_extent(k.length, v.length) && q.size == k.size;
  if (!same || k.heads == 0 || q.heads % k.heads != 0) {
    call.invalid("queries, keys and values of [batch, heads, length, size] " + to_text(q) + ", " +
                 to_text(k) + ", " + to_text(v));
  }
}

void import_attention(OpCall& call) {
  require_float(call, kQuery);
  require_same_dtype(call, kQuery, kMask);
  if (call.rank(kKey) != call.rank(kQuery) || call.rank(kValue) != call.rank(kQuery)) {
    call.invalid("queries, keys and values differ in rank");
  }
  if (call.has_input(kPastKey) != call.has_input(kPastValue)) {
    call.invalid("past_key and past_value come together");
  }
  AttentionSpec spec;
  spec.query = heads_of(call, kQuery, "q_num_heads");
  spec.key = with_past(call, heads_of(call, kKey, "kv_num_heads"), kPastKey, kPresentKey);
  spec.value = with_past(call, heads_of(call, kValue, "kv_num_heads"), kPastValue, kPresentValue);
  require_shapes(call, spec);
  spec.layout = spec.query.layout;
  spec.dtype = call.dtype(kQuery);
  spec.softmax_dtype = wide(spec.dtype);
  if (wide(dtype_attr(call, "softmax_precision", spec.dtype)) == RDU_DTYPE_F64) {
    spec.softmax_dtype = RDU_DTYPE_F64;
  }
  spec.scale = call.attr_f("scale", 1 / std::sqrt(static_cast<double>(spec.query.size)));
  spec.softcap = std::max(0.0, call.attr_f("softcap", 0));
  const Scores scores(call, call.b(), spec.query, spec.key);
  if (call.has_input(kMask)) spec.masks.push_back(add_mask(scores, call.input(kMask)));
  const bool sees_all = spec.query.length.is_one() && call.has_input(kPastKey);
  if (call.attr_i("is_causal", 0) != 0 && !sees_all) {
    spec.masks.push_back(causal(scores, first_row_of(call, spec.query)));
  }
  if (call.has_input(kValidColumns)) {
    spec.masks.push_back(columns_before(scores, {0, call.input(kValidColumns)}));
  }
  spec.snapshot = snapshot_of(call);
  const AttentionResult result = attention(call.b(), spec);
  call.set_output(kResult, result.output);
  if (spec.snapshot != Snapshot::kNone) call.set_output(kScores, result.scores);
}

constexpr OpEntry kOps[] = {
    {"", "Attention", 23, import_attention},
};

}  // namespace

std::span<const OpEntry> attention_ops() { return kOps; }

}  // namespace rducc::import_onnx
