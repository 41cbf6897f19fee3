// LinearAttention: a scan over the tokens that carries, per head, a matrix from keys to values.
#include <cmath>

#include "tools/rducc/import/onnx/ops/contraction.hpp"
#include "tools/rducc/import/onnx/ops/convolution.hpp"
#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/ops/scan_builder.hpp"
#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {
namespace {

enum Input : std::size_t { kQuery, kKey, kValue, kPast, kDecay, kBeta, kErase };

struct Sizes {
  std::int64_t batch, length, query_heads, heads, key_size, value_size;
  bool gated, corrects;  // the state decays; a value is what the state does not yet say
  std::int64_t group() const { return query_heads / heads; }
};

// The part of a token's channels that belongs to a head: `size` of them per head, or one for all.
ir::Index of_head(std::int64_t size, const ir::Index& head_loop, const ir::Index& within) {
  ir::Index index = head_loop;
  for (auto& term : index.terms) term.coef *= size;
  index.terms.insert(index.terms.end(), within.terms.begin(), within.terms.end());
  return index;
}

Sizes read_sizes(const OpCall& call) {
  const std::string rule = call.attr_s("update_rule", "gated_delta");
  if (rule != "linear" && rule != "gated" && rule != "delta" && rule != "gated_delta") {
    call.invalid("attribute update_rule = '" + rule + "'");
  }
  Sizes s{};
  s.gated = rule.starts_with("gated");
  s.corrects = rule.ends_with("delta");
  s.query_heads = call.attr_i("q_num_heads", 0);
  s.heads = call.attr_i("kv_num_heads", 0);
  const Dims q = call.dims(kQuery), k = call.dims(kKey), v = call.dims(kValue);
  const bool tokens = q.size() == 3 && k.size() == 3 && v.size() == 3 && q[0] == k[0] &&
                      k[0] == v[0] && q[1] == k[1] && k[1] == v[1];
  if (!tokens || s.heads < 1 || s.query_heads < 1 || k[2] % s.heads || v[2] % s.heads ||
      q[2] % s.query_heads || k[2] / s.heads != q[2] / s.query_heads) {
    call.invalid("queries, keys and values of shapes " + to_text(q) + ", " + to_text(k) + ", " +
                 to_text(v) + " for " + std::to_string(s.query_heads) + " and " +
                 std::to_string(s.heads) + " heads");
  }
  if (s.query_heads % s.heads != 0) {
    call.unsupported(std::to_string(s.query_heads) + " heads of queries for " +
                     std::to_string(s.heads) + " of keys");
  }
  s.batch = q[0];
  s.length = q[1];
  s.key_size = k[2] / s.heads;
  s.value_size = v[2] / s.heads;
  return s;
}

// Input `i` is there where the update rule needs it, of [batch, length, one of `channels`].
void check_gate(const OpCall& call, const Sizes& s, Input i, bool needed,
                std::initializer_list<std::int64_t> channels) {
  if (call.has_input(i) != needed && (needed || i != kErase)) {
    call.invalid("update_rule '" + call.attr_s("update_rule", "gated_delta") + "' " +
                 (needed ? "needs" : "has no") + " input " + std::to_string(i));
  }
  if (!needed) return;
  const Dims dims = call.dims(i);
  for (const std::int64_t count : channels) {
    if (dims == Dims{s.batch, s.length, count}) return;
  }
  call.invalid("input " + std::to_string(i) + " of shape " + to_text(dims));
}

class LinearAttention {
 public:
  explicit LinearAttention(OpCall& call)
      : call_(call),
        builder_(call.b()),
        shape_(read_sizes(call)),
        dtype_(call.dtype(kQuery)),
        acc_(wide(dtype_)) {
    const std::int64_t keys = shape_.heads * shape_.key_size;
    check_gate(call, shape_, kDecay, shape_.gated, {shape_.heads, keys});
    check_gate(call, shape_, kBeta, shape_.corrects, {shape_.heads, 1});
    check_gate(call, shape_, kErase, shape_.corrects && call.has_input(kErase), {keys});
    if (!shape_.corrects && call.has_input(kErase)) call.invalid("erase_gate without correction");
    scale_ = call.attr_f("scale", 0);
    if (scale_ == 0) scale_ = 1 / std::sqrt(static_cast<double>(shape_.key_size));
  }

  void run() {
    const rdu_dtype state_dtype = call_.has_input(kPast) ? call_.dtype(kPast) : dtype_;
    const std::vector<ValueId> tokens = per_token();
    ValueId state = initial_state(), output;
    if (shape_.length == 1) {
      std::vector<ValueId> now;
      for (const ValueId t : tokens) {
        now.push_back(t == ir::kNone ? t
                                     : builder_.reshape(t, {shape_.batch, builder_.dims(t)[2]}));
      }
      state = advance(state, now);
      output = read_out(state, now[kQuery]);
    } else {
      ScanBuilder scan(builder_, shape_.length);
      const ValueId before = scan.carry(state);
      std::vector<ValueId> now;
      for (const ValueId t : tokens) now.push_back(t == ir::kNone ? t : scan.slice(t, 1, false));
      const ValueId after = advance(before, now);
      scan.set_next(before, after);
      scan.stack(read_out(after, now[kQuery]), 1, false);
      const ScanBuilder::Results results = scan.finish();
      state = results.carried[0];
      output = results.stacked[0];
    }
    call_.set_output(0, builder_.reshape(output, {shape_.batch, shape_.length,
                                                  shape_.query_heads * shape_.value_size}));
    if (call_.wants_output(1)) call_.set_output(1, builder_.cast(state, state_dtype));
  }

 private:
  ValueId initial_state() {
    const Dims dims{shape_.batch, shape_.heads, shape_.key_size, shape_.value_size};
    if (!call_.has_input(kPast)) return builder_.expand(builder_.scalar(acc_, 0), dims);
    if (call_.dims(kPast) != dims) {
      call_.invalid("past_state of shape " + to_text(call_.dims(kPast)) + ", not " + to_text(dims));
    }
    return builder_.cast(call_.input(kPast), acc_);
  }

  // What is computed of all tokens at once: factors of the decay in the place of the decay, and in
  // that of the erase gate what the correction multiplies the undecayed state with.
  std::vector<ValueId> per_token() {
    std::vector<ValueId> tokens(kErase + 1, ir::kNone);
    for (const Input i : {kQuery, kKey, kValue}) tokens[i] = call_.input(i);
    if (shape_.gated) {
      tokens[kDecay] = builder_.elementwise(
          acc_, {call_.input(kDecay)},
          [this](Body& b, std::span<const Reg> r) { b.result(b.exp(b.cast(r[0], acc_))); });
    }
    if (!shape_.corrects) return tokens;
    tokens[kBeta] = call_.input(kBeta);
    tokens[kErase] = erased_keys(tokens[kDecay]);
    return tokens;
  }

  // key * erase_gate * decay, channel by channel.
  ValueId erased_keys(ValueId decay) {
    const Dims dims{shape_.batch, shape_.length, shape_.heads, shape_.key_size};
    std::vector<ir::Read> reads;
    const auto add = [&](ValueId value) {
      ir::Access access{ir::along(0), ir::along(1)};
      access.push_back(channel_of(value, 2, ir::along(2), ir::along(3)));
      reads.push_back(builder_.read(value, access));
    };
    add(call_.input(kKey));
    if (call_.has_input(kErase)) add(call_.input(kErase));
    if (decay != ir::kNone) add(decay);
    if (reads.size() == 1) return call_.input(kKey);
    const ValueId product =
        builder_.map(acc_, dims, reads, [this](Body& b, std::span<const Reg> r) {
          Reg y = b.cast(r[0], acc_);
          for (const Reg factor : r.subspan(1)) y = b.mul(y, b.cast(factor, acc_));
          b.result(y);
        });
    return builder_.reshape(product, {dims[0], dims[1], dims[2] * dims[3]});
  }

  // The channel of a gate, which has one per key channel, one per head, or one.
  ir::Index channel_of(ValueId value, std::size_t axis, const ir::Index& head,
                       const ir::Index& key_channel) const {
    const std::int64_t channels = builder_.dims(value)[axis];
    if (channels == 1) return ir::at(0);
    if (channels == shape_.heads && shape_.key_size != 1) return head;
    return of_head(shape_.key_size, head, key_channel);
  }

  // state * decay + key (x) value
  ValueId advance(ValueId state, const std::vector<ValueId>& now) {
    const ValueId value = shape_.corrects ? corrected_value(state, now) : now[kValue];
    const ir::Index batch = ir::along(0), head = ir::along(1), channel = ir::along(2);
    std::vector<ir::Read> reads{
        builder_.read(state, ir::identity_access(4)),
        builder_.read(now[kKey], {batch, of_head(shape_.key_size, head, channel)}),
        builder_.read(value, {batch, of_head(shape_.value_size, head, ir::along(3))})};
    if (shape_.gated) {
      reads.push_back(
          builder_.read(now[kDecay], {batch, channel_of(now[kDecay], 1, head, channel)}));
    }
    return builder_.map(acc_, builder_.dims(state), reads, [this](Body& b, std::span<const Reg> r) {
      const Reg kept = shape_.gated ? b.mul(r[0], r[3]) : r[0];
      b.result(b.add(kept, b.mul(b.cast(r[1], acc_), b.cast(r[2], acc_))));
    });
  }

  // beta * (value - what the decayed state says of the key)
  ValueId corrected_value(ValueId state, const std::vector<ValueId>& now) {
    const ir::Index batch = ir::along(0), head = ir::along(1), out = ir::along(2);
    ir::ReduceSpec p;
    p.loops = {{shape_.batch, ir::kNone, RDU_LOOP_BATCH},
               {shape_.heads, ir::kNone, RDU_LOOP_BATCH},
               {shape_.value_size, ir::kNone, RDU_LOOP_N},
               {shape_.key_size, ir::kNone, RDU_LOOP_K}};
    p.num_parallel = 3;
    p.reads = {builder_.read(now[kErase], {batch, of_head(shape_.key_size, head, ir::along(3))}),
               builder_.read(state, {batch, head, ir::along(3), out})};
    p.body = product_in(acc_);
    p.acc_dtype = p.dtype = acc_;
    p.epilogue_reads = {
        builder_.read(now[kValue], {batch, of_head(shape_.value_size, head, out)}),
        builder_.read(now[kBeta], {batch, builder_.dims(now[kBeta])[1] == 1 ? ir::at(0) : head})};
    p.epilogue = [this](Body& b, Reg said, std::span<const Reg> r) {
      b.result(b.mul(b.cast(r[1], acc_), b.sub(b.cast(r[0], acc_), said)));
    };
    p.dims = {shape_.batch, shape_.heads, shape_.value_size};
    const ValueId value = builder_.contract(std::move(p));
    return builder_.reshape(value, {shape_.batch, shape_.heads * shape_.value_size});
  }

  // scale * query * state, the queries of a group by the same state.
  ValueId read_out(ValueId state, ValueId query) {
    const ir::Index batch = ir::along(0), head = ir::along(1), key = ir::along(4);
    const ir::Index query_head = of_head(shape_.group(), head, ir::along(2));
    ir::ReduceSpec p;
    p.loops = {{shape_.batch, ir::kNone, RDU_LOOP_BATCH},
               {shape_.heads, ir::kNone, RDU_LOOP_BATCH},
               {shape_.group(), ir::kNone, RDU_LOOP_M},
               {shape_.value_size, ir::kNone, RDU_LOOP_N},
               {shape_.key_size, ir::kNone, RDU_LOOP_K}};
    p.num_parallel = 4;
    p.reads = {builder_.read(query, {batch, of_head(shape_.key_size, query_head, key)}),
               builder_.read(state, {batch, head, key, ir::along(3)})};
    p.body = product_in(acc_);
    p.acc_dtype = acc_;
    p.epilogue = [this](Body& b, Reg acc, std::span<const Reg>) {
      b.result(b.cast(b.mul(acc, b.like(acc, scale_)), dtype_));
    };
    p.dtype = dtype_;
    p.dims = {shape_.batch, shape_.heads, shape_.group(), shape_.value_size};
    const ValueId read = builder_.contract(std::move(p));
    return builder_.reshape(read, {shape_.batch, shape_.query_heads * shape_.value_size});
  }

  OpCall& call_;
  ir::Builder& builder_;
  const Sizes shape_;
  const rdu_dtype dtype_, acc_;  // of the activations; of the state while it is computed with
  double scale_ = 1;
};

void import_linear_attention(OpCall& call) {
  require_float(call, kQuery);
  LinearAttention(call).run();
}

void import_contrib_linear_attention(OpCall& call) {
  if (call.attr_i("state_window", 0) != 0) {
    call.unsupported("attribute state_window = " + std::to_string(call.attr_i("state_window", 0)));
  }
  import_linear_attention(call);
}

constexpr OpEntry kOps[] = {
    {"", "LinearAttention", 27, import_linear_attention},
    {"com.microsoft", "LinearAttention", 1, import_contrib_linear_attention},
};

}  // namespace

std::span<const OpEntry> linear_attention_ops() { return kOps; }

}  // namespace rducc::import_onnx
