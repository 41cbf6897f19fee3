// MultiHeadAttention: queries, keys and values in any of its packings.
#include "tools/rducc/import/onnx/ops/microsoft/domain.hpp"
#include "tools/rducc/import/onnx/ops/microsoft/key_padding.hpp"
#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {
namespace {

enum Input : std::size_t {
  kQuery,
  kKey,
  kValue,
  kBias,
  kPadding,
  kScoreBias,
  kPastKey,
  kPastValue,
  kPastLength,
  kIndirection
};

// [batch, length, heads, parts, size]: part `part` of each head.
HeadTensor packed(OpCall& call, Input input, std::int64_t heads, std::int64_t parts,
                  std::int64_t part) {
  const Dims dims = call.dims(input);
  if (dims.size() != 5 || dims[2] != heads || dims[3] != parts) {
    call.invalid("input " + std::to_string(input) + " of shape " + to_text(dims) + " for " +
                 std::to_string(heads) + " heads of " + std::to_string(parts) + " parts");
  }
  const std::int64_t size = dims[4];
  const ValueId rows =
      call.b().reshape(call.input(input), {dims[0], dims[1], heads * parts * size});
  return rows_of_heads(call, rows, heads, size, part * size, parts * size);
}

// Of rank 4 heads first, else rows plus the bias from channel `first` of it on.
HeadTensor unpacked(OpCall& call, Input input, std::int64_t heads, std::int64_t first) {
  if (call.rank(input) == 4) return heads_first(call, call.input(input));
  HeadTensor x = rows_of_heads(call, call.input(input), heads);
  if (!call.has_input(kBias)) return x;
  ir::Builder& b = call.b();
  const std::int64_t start[] = {first}, step[] = {1}, channels = heads * x.size;
  if (call.rank(kBias) != 1 || call.dims(kBias)[0] < first + channels) {
    call.invalid("bias of shape " + to_text(call.dims(kBias)));
  }
  const ValueId bias = b.slice(call.input(kBias), start, step, {channels});
  x.value = b.elementwise(call.dtype(input), {x.value, bias},
                          [](Body& body, auto r) { body.result(body.add(r[0], r[1])); });
  return x;
}

void take_operands(OpCall& call, std::int64_t heads, AttentionSpec& spec) {
  const bool packed_keys = call.has_input(kKey) && call.rank(kKey) == 5;
  if (call.has_input(kBias) && (packed_keys || !call.has_input(kKey))) {
    call.unsupported("a bias of packed inputs");
  }
  if (!call.has_input(kKey)) {
    spec.query = packed(call, kQuery, heads, 3, 0);
    spec.key = packed(call, kQuery, heads, 3, 1);
    spec.value = packed(call, kQuery, heads, 3, 2);
    return;
  }
  spec.query = unpacked(call, kQuery, heads, 0);
  const std::int64_t hidden = spec.query.heads * spec.query.size;
  spec.key = packed_keys ? packed(call, kKey, heads, 2, 0) : unpacked(call, kKey, heads, hidden);
  spec.value =
      packed_keys ? packed(call, kKey, heads, 2, 1) : unpacked(call, kValue, heads, 2 * hidden);
}

Position first_row_of(OpCall& call) {
  if (!call.has_input(kPastKey)) return {};
  return Position::at_end(heads_first(call, call.input(kPastKey)));
}

void require_shapes(const OpCall& call, const AttentionSpec& spec) {
  const HeadTensor &q = spec.query, &k = spec.key, &v = spec.value;
  if (q.batch != k.batch || k.batch != v.batch || q.heads != k.heads || k.heads != v.heads ||
      q.size != k.size || !ir::same_extent(k.length, v.length)) {
    call.invalid("queries, keys and values differ in batch, heads, length or size");
  }
}

void import_multi_head_attention(OpCall& call) {
  require_float(call, kQuery);
  require_same_dtype(call, kQuery, kPadding);
  refuse_inputs(call, {{kPastLength, "past_sequence_length"}, {kIndirection, "cache_indirection"}});
  if (call.has_input(kPastKey) != call.has_input(kPastValue)) {
    call.invalid("past_key and past_value come together");
  }
  AttentionSpec spec;
  take_operands(call, call.attr_i("num_heads", 0), spec);
  const Position first_row = first_row_of(call);
  spec.key = with_past(call, spec.key, kPastKey, 1);
  spec.value = with_past(call, spec.value, kPastValue, 2);
  require_shapes(call, spec);
  spec.layout = HeadLayout::kRows;
  spec.dtype = call.dtype(kQuery);
  spec.softmax_dtype = wide(spec.dtype);
  spec.scale = scale_of(call, spec.query);
  const Scores scores(call, call.b(), spec.query, spec.key);
  if (call.has_input(kScoreBias)) spec.masks.push_back(add_mask(scores, call.input(kScoreBias)));
  if (call.has_input(kPadding)) add_key_padding(call, scores, kPadding, spec.masks);
  add_unidirectional(call, scores, first_row, spec.masks);
  if (call.wants_output(3)) spec.snapshot = Snapshot::kMasked;
  const AttentionResult result = attention(call.b(), spec);
  call.set_output(0, result.output);
  if (call.wants_output(3)) call.set_output(3, result.scores);
}

constexpr OpEntry kOps[] = {
    {kMicrosoft, "MultiHeadAttention", 1, import_multi_head_attention},
};

}  // namespace

std::span<const OpEntry> microsoft_multi_head_attention_ops() { return kOps; }

}  // namespace rducc::import_onnx
