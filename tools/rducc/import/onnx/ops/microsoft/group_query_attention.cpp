// GroupQueryAttention: the attention of decoders, with rotation and a cache that it fills.
#include <algorithm>

#include "tools/rducc/import/onnx/ops/cache_update.hpp"
#include "tools/rducc/import/onnx/ops/microsoft/domain.hpp"
#include "tools/rducc/import/onnx/ops/microsoft/key_padding.hpp"
#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/ops/rotary.hpp"
#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {
namespace {

enum Input : std::size_t {
  kQuery,
  kKey,
  kValue,
  kPastKey,
  kPastValue,
  kLastPosition,  // seqlens_k: of each batch, the position of its last token
  kTotalLength,
  kCos,
  kSin,
  kPositionIds,
  kScoreBias,
  kSink,
  kKeyScale,
  kValueScale,
  kQueryNorm,
  kKeyNorm
};

void refuse_what_others_know(const OpCall& call) {
  refuse_attributes(call, {"sliding_window_cache", "qk_output", "kv_cache_bit_width"});
  refuse_inputs(call, {{kKeyScale, "k_scale"},
                       {kValueScale, "v_scale"},
                       {kQueryNorm, "q_norm_weight"},
                       {kKeyNorm, "k_norm_weight"}});
  for (const char* name : {"k_quant_type", "v_quant_type"}) {
    const std::string type = call.attr_s(name, "NONE");
    if (type != "NONE") call.unsupported("attribute " + std::string(name) + " = '" + type + "'");
  }
  if (call.wants_output(3)) call.unsupported("output output_qk");
}

void take_operands(OpCall& call, AttentionSpec& spec) {
  const std::int64_t heads = call.attr_i("num_heads", 0);
  const std::int64_t kv_heads = call.attr_i("kv_num_heads", 0);
  if (heads < 1 || kv_heads < 1 || heads % kv_heads != 0) {
    call.invalid("num_heads = " + std::to_string(heads) +
                 " and kv_num_heads = " + std::to_string(kv_heads));
  }
  if (call.has_input(kKey)) {
    spec.query = rows_of_heads(call, call.input(kQuery), heads);
    spec.key = rows_of_heads(call, call.input(kKey), kv_heads);
    spec.value = rows_of_heads(call, call.input(kValue), kv_heads);
  } else {
    const HeadTensor all = rows_of_heads(call, call.input(kQuery), heads + 2 * kv_heads);
    const auto part = [&](std::int64_t count, std::int64_t first_head) {
      return rows_of_heads(call, all.value, count, all.size, first_head * all.size, all.size);
    };
    spec.query = part(heads, 0);
    spec.key = part(kv_heads, heads);
    spec.value = part(kv_heads, heads + kv_heads);
  }
  const HeadTensor &q = spec.query, &k = spec.key, &v = spec.value;
  if (k.batch != q.batch || v.batch != q.batch || k.size != q.size || v.size != q.size ||
      !ir::same_extent(k.length, q.length) || !ir::same_extent(v.length, q.length)) {
    call.invalid("queries, keys and values differ in batch, length or size");
  }
}

class GroupQueryAttention {
 public:
  explicit GroupQueryAttention(OpCall& call) : call_(call), builder_(call.b()) {
    refuse_what_others_know(call);
    take_operands(call, spec_);
    if (!spec_.query.length.is_constant()) call.unsupported("queries whose number a run decides");
    if (call.dims(kLastPosition) != Dims{spec_.query.batch}) {
      call.invalid("seqlens_k of shape " + to_text(call.dims(kLastPosition)) + " for a batch of " +
                   std::to_string(spec_.query.batch));
    }
    find_first_position();
  }

  void run() {
    if (call_.attr_i("do_rotary", 0) != 0) turn();
    spec_.key = store(spec_.key, kPastKey, 1);
    spec_.value = store(spec_.value, kPastValue, 2);
    spec_.layout = HeadLayout::kRows;
    spec_.dtype = call_.dtype(kQuery);
    spec_.softmax_dtype = wide(spec_.dtype);
    spec_.scale = scale_of(call_, spec_.query);
    spec_.softcap = std::max(0.0, call_.attr_f("softcap", 0));
    if (call_.has_input(kSink)) {
      spec_.sink = call_.input(kSink);
      if (call_.dims(kSink) != Dims{spec_.query.heads}) {
        call_.invalid("head_sink of shape " + to_text(call_.dims(kSink)));
      }
    } else if (call_.attr_i("smooth_softmax", 0) != 0) {
      spec_.sink = builder_.scalar(spec_.softmax_dtype, 0);
    }
    add_masks();
    call_.set_output(0, attention(builder_, spec_).output);
  }

 private:
  HeadTensor past() { return heads_first(call_, call_.input(kPastKey)); }

  // Where the first query stands: at 0 without a past, else before as many tokens as there are
  // queries, of those that seqlens_k counts. A cache that grows says it itself.
  void find_first_position() {
    if (!call_.has_input(kPastKey) || call_.b().dims(call_.input(kPastKey))[2] == 0) return;
    if (const HeadTensor before = past(); !before.length.is_constant()) {
      first_.value = before.length.value;
      return;
    }
    const std::int64_t before_last = spec_.query.length.bound - 1;
    first_.value = builder_.elementwise(
        RDU_DTYPE_I64, {call_.input(kLastPosition)}, [=](Body& b, std::span<const Reg> r) {
          const Reg last = b.cast(r[0], RDU_DTYPE_I64);
          const Reg first = b.sub(last, b.integer(RDU_DTYPE_I64, before_last));
          b.result(b.max(first, b.integer(RDU_DTYPE_I64, 0)));
        });
  }

  void turn() {
    RotaryTable table = rotary_table(call_, kCos, kSin);
    if (builder_.dims(table.cos).size() != 2 || 2 * table.pairs > spec_.query.size) {
      call_.invalid("cos_cache of shape " + to_text(builder_.dims(table.cos)));
    }
    table.interleaved = call_.attr_i("rotary_interleaved", 0) != 0;
    choose_rows(table);
    spec_.query = rotate(builder_, spec_.query, table, HeadLayout::kRows);
    spec_.key = rotate(builder_, spec_.key, table, HeadLayout::kHeadsFirst);
  }

  // A first prompt goes on from its first id, as the contract says.
  void choose_rows(RotaryTable& table) {
    if (!call_.has_input(kPositionIds)) return rows_from(call_, table, first_.value, spec_.query);
    const ValueId ids = call_.input(kPositionIds);
    if (first_.value != ir::kNone) return rows_by_id(call_, table, ids, spec_.query);
    const std::int64_t start[] = {0, 0}, step[] = {1, 1};
    if (call_.rank(kPositionIds) != 2) call_.invalid("position_ids are not [batch, length]");
    const ValueId first = builder_.reshape(builder_.slice(ids, start, step, {1, 1}), {1});
    rows_from(call_, table, first, spec_.query);
  }

  // The cache with the new positions in it. One that grows is appended to; one of a fixed length is
  // written where seqlens_k says, and gets longer where total_sequence_length is known to be more.
  HeadTensor store(const HeadTensor& fresh, Input input, std::size_t present) {
    HeadTensor current = to_heads_first(builder_, fresh);
    if (first_.value != ir::kNone) {
      const HeadTensor before = heads_first(call_, call_.input(input));
      if (before.batch != fresh.batch || before.heads != fresh.heads || before.size != fresh.size) {
        call_.invalid("a cache of shape " + to_text(builder_.dims(before.value)));
      }
      if (!before.length.is_constant()) {
        const ValueId parts[] = {before.value, current.value};
        current = heads_first(call_, builder_.concat(parts, 2));
      } else {
        current = heads_first(call_, update_cache(builder_, room_for_all(before), current.value, 2,
                                                  first_.value, CacheMode::kLinear));
      }
    }
    call_.set_output(present, current.value);
    return current;
  }

  ValueId room_for_all(const HeadTensor& before) {
    const auto total = call_.constant(kTotalLength);
    if (!total) return before.value;
    const std::int64_t more = std::max<std::int64_t>(0, total->to_i64()[0] - before.length.bound);
    if (more > kMostStated) call_.invalid("total_sequence_length is out of range");
    const std::int64_t begin[] = {0, 0, 0, 0}, end[] = {0, 0, more, 0};
    return builder_.pad(before.value, begin, end, RDU_OUTSIDE_FILL, 0);
  }

  void add_masks() {
    const Scores scores(call_, builder_, spec_.query, spec_.key);
    if (call_.has_input(kScoreBias)) {
      spec_.masks.push_back(add_mask(scores, call_.input(kScoreBias)));
    }
    // A single query is the last token: what seqlens_k counts is what it may see.
    const bool many = !spec_.query.length.is_one(), causal_rows = call_.attr_i("causal", 1) != 0;
    const bool grown = !spec_.key.length.is_constant();
    if (causal_rows && (many || !grown)) spec_.masks.push_back(causal(scores, first_));
    if (many || !causal_rows) {
      spec_.masks.push_back(columns_before(scores, {1, call_.input(kLastPosition)}));
    }
    const std::int64_t window = call_.attr_i("local_window_size", -1);
    if (window > 0) spec_.masks.push_back(local_window(scores, first_, window));
  }

  OpCall& call_;
  ir::Builder& builder_;
  AttentionSpec spec_;
  Position first_;  // kNone: 0, there is no past
};

void import_group_query_attention(OpCall& call) {
  require_float(call, kQuery);
  require_same_dtype(call, kQuery, kLastPosition);
  GroupQueryAttention(call).run();
}

constexpr OpEntry kOps[] = {
    {kMicrosoft, "GroupQueryAttention", 1, import_group_query_attention},
};

}  // namespace

std::span<const OpEntry> microsoft_group_query_attention_ops() { return kOps; }

}  // namespace rducc::import_onnx
