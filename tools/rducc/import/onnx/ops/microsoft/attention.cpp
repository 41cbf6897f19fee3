// Attention with its projection: one product yields the queries, keys and values of all heads.
#include "tools/rducc/import/onnx/ops/contraction.hpp"
#include "tools/rducc/import/onnx/ops/convolution.hpp"
#include "tools/rducc/import/onnx/ops/microsoft/domain.hpp"
#include "tools/rducc/import/onnx/ops/microsoft/key_padding.hpp"
#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {
namespace {

enum Input : std::size_t { kTokens, kWeights, kBias, kMask, kPast, kScoreBias, kPastLength };

// Channels of the queries, the keys and the values.
struct HiddenSizes {
  std::int64_t query, key, value;
};

HiddenSizes hidden_sizes(const OpCall& call, std::int64_t heads) {
  const Dims x = call.dims(kTokens), w = call.dims(kWeights);
  if (x.size() != 3 || w.size() != 2 || x[2] != w[0]) {
    call.invalid("input of shape " + to_text(x) + " and weights of shape " + to_text(w));
  }
  const std::vector<std::int64_t> stated = call.attr_ints("qkv_hidden_sizes");
  const HiddenSizes h = stated.size() == 3 ? HiddenSizes{stated[0], stated[1], stated[2]}
                                           : HiddenSizes{w[1] / 3, w[1] / 3, w[1] / 3};
  const bool divides =
      heads > 0 && h.query > 0 && h.value > 0 && h.query % heads == 0 && h.value % heads == 0;
  if (!divides || h.key != h.query || w[1] != h.query + h.key + h.value) {
    call.invalid("weights of shape " + to_text(w) + " for " + std::to_string(heads) +
                 " heads and qkv_hidden_sizes " + to_text(stated));
  }
  return h;
}

ValueId project(OpCall& call) {
  ir::Builder& b = call.b();
  const MatMulLoops m = matmul_loops(call, call.dims(kTokens), call.dims(kWeights));
  ir::ReduceSpec spec;
  spec.loops = m.loops;
  spec.num_parallel = m.num_parallel;
  spec.reads = {b.read(call.input(kTokens), m.a_access), b.read(call.input(kWeights), m.b_access)};
  spec.dtype = call.dtype(kTokens);
  spec.acc_dtype = wide(spec.dtype);
  spec.body = product_in(spec.acc_dtype);
  spec.dims = m.dims;
  if (call.has_input(kBias)) {
    if (call.dims(kBias) != Dims{m.dims[2]}) {
      call.invalid("bias of shape " + to_text(call.dims(kBias)) + " for weights of shape " +
                   to_text(call.dims(kWeights)));
    }
    spec.epilogue_reads = {b.read(call.input(kBias), {ir::along(2)})};
  }
  spec.epilogue = add_bias(spec.dtype);
  return b.contract(std::move(spec));
}

// Keys and values of one stack [2, batch, heads, length, size].
void split_stack(OpCall& call, ValueId stack, AttentionSpec& spec) {
  const ir::Extent length = call.b().shape(stack)[3];
  for (HeadTensor* part : {&spec.key, &spec.value}) {
    part->value = stack;
    part->layout = HeadLayout::kHeadsFirst;
    part->slot = part == &spec.key ? 0 : 1;
    part->length = length;
  }
}

ValueId stack_of(ir::Builder& b, const AttentionSpec& spec) {
  const HeadTensor &k = spec.key, &v = spec.value;
  ir::Access access = k.access(ir::along(1), ir::along(2), ir::along(3), ir::along(4));
  access.back().terms.push_back({0, v.first - k.first});
  return b.map(b.dtype(k.value), ir::Shape{{2}, {k.batch}, {k.heads}, k.length, {k.size}},
               {b.read(k.value, std::move(access))},
               [](Body& body, std::span<const Reg> r) { body.result(r[0]); });
}

// Puts the past before the new keys and values. Says where the first query stands.
Position join_past(OpCall& call, AttentionSpec& spec) {
  if (!call.has_input(kPast) && !call.wants_output(1)) return {};
  if (spec.key.size != spec.value.size) {
    call.unsupported("a past with values of another size than the keys");
  }
  ValueId stack = stack_of(call.b(), spec);
  Position first_row;
  if (call.has_input(kPast)) {
    const ir::Shape past = call.b().shape(call.input(kPast));
    ir::Shape expected = call.b().shape(stack);
    if (past.size() == 5) expected[3] = past[3];
    if (!ir::same_shape(past, expected)) {
      call.invalid("past of shape " + ir::to_text(past) + " where " + ir::to_text(expected) +
                   " is expected");
    }
    HeadTensor before = spec.key;
    before.length = past[3];
    first_row = Position::at_end(before);
    const ValueId parts[] = {call.input(kPast), stack};
    stack = call.b().concat(parts, 3);
  }
  call.set_output(1, stack);
  split_stack(call, stack, spec);
  return first_row;
}

void import_attention(OpCall& call) {
  require_float(call, kTokens);
  require_same_dtype(call, kTokens, kMask);
  refuse_attributes(call, {"do_rotary", "past_present_share_buffer"});
  refuse_inputs(call, {{kPastLength, "past_sequence_length"}});
  const std::int64_t heads = call.attr_i("num_heads", 0);
  const HiddenSizes hidden = hidden_sizes(call, heads);
  const ValueId qkv = project(call);
  AttentionSpec spec;
  const std::int64_t size = hidden.query / heads, value_size = hidden.value / heads;
  spec.query = rows_of_heads(call, qkv, heads, size, 0, size);
  spec.key = rows_of_heads(call, qkv, heads, size, hidden.query, size);
  spec.value = rows_of_heads(call, qkv, heads, value_size, hidden.query + hidden.key, value_size);
  const Position first_row = join_past(call, spec);
  spec.layout = HeadLayout::kRows;
  spec.dtype = call.dtype(kTokens);
  spec.softmax_dtype = wide(spec.dtype);
  spec.scale = scale_of(call, spec.query);
  const Scores scores(call, call.b(), spec.query, spec.key);
  if (call.has_input(kScoreBias)) spec.masks.push_back(add_mask(scores, call.input(kScoreBias)));
  if (call.has_input(kMask)) add_key_padding(call, scores, kMask, spec.masks);
  add_unidirectional(call, scores, first_row, spec.masks);
  call.set_output(0, attention(call.b(), spec).output);
}

constexpr OpEntry kOps[] = {
    {kMicrosoft, "Attention", 1, import_attention},
};

}  // namespace

std::span<const OpEntry> microsoft_attention_ops() { return kOps; }

}  // namespace rducc::import_onnx
