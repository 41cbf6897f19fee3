// Mixture of experts: all experts see all tokens, and the router's choice weighs what they say. That
// costs more products than the chosen ones and keeps every shape known.
#include <limits>
#include <optional>

#include "tools/rducc/import/onnx/ops/activation_body.hpp"
#include "tools/rducc/import/onnx/ops/contraction.hpp"
#include "tools/rducc/import/onnx/ops/microsoft/domain.hpp"
#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/ops/softmax.hpp"
#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {
namespace {

enum Input : std::size_t { kTokens, kRouter, kUp, kUpBias, kDown, kDownBias, kGate, kGateBias };

struct Mixture {
  std::int64_t tokens = 0, experts = 0, hidden = 0, inner = 0;
  std::int64_t columns = 0;  // of the first product: inner, or twice that
  bool interleaved = false;  // of a gated activation's two parts
  rdu_dtype dtype = RDU_DTYPE_F32, compute = RDU_DTYPE_F32;
};

Mixture read_mixture(const OpCall& call) {
  if (call.attr_i("use_sparse_mixer", 0) != 0) call.unsupported("attribute use_sparse_mixer = 1");
  if (call.has_input(kGate)) call.unsupported("input 6 (fc3_experts_weights)");
  require_float(call, kTokens);
  const Dims x = call.dims(kTokens), up = call.dims(kUp), down = call.dims(kDown);
  Mixture m;
  m.dtype = call.dtype(kTokens);
  m.compute = wide(m.dtype);
  if (x.empty() || up.size() != 3 || down.size() != 3) {
    call.invalid("weights of shapes " + to_text(up) + " and " + to_text(down));
  }
  m.hidden = x.back();
  m.tokens = ir::num_elements(std::span(x).first(x.size() - 1));
  m.experts = up[0];
  m.columns = up[1];
  m.inner = down[2];
  const bool gated = call.attr_s("activation_type", "relu") == "swiglu";
  const std::int64_t fusion = call.attr_i("swiglu_fusion", 0);
  if (gated && fusion != 1 && fusion != 2) {
    call.unsupported("attribute swiglu_fusion = " + std::to_string(fusion));
  }
  m.interleaved = fusion == 1;
  if (up[2] != m.hidden || down != Dims{m.experts, m.hidden, m.inner} ||
      m.columns != (gated ? 2 : 1) * m.inner || call.dims(kRouter) != Dims{m.tokens, m.experts}) {
    call.invalid("weights of shapes " + to_text(up) + " and " + to_text(down) +
                 " with a router of " + to_text(call.dims(kRouter)) + " for tokens of shape " +
                 to_text(x));
  }
  return m;
}

// Is the expert among the token's first k? Of equal ones the earlier goes first: [tokens, experts].
ValueId chosen(OpCall& call, const Mixture& m) {
  const std::int64_t k = call.attr_i("k", 1);
  if (k < 1 || k > m.experts) call.invalid("attribute k = " + std::to_string(k));
  ir::ReduceSpec spec;
  for (const std::int64_t extent : {m.tokens, m.experts, m.experts}) {
    spec.loops.push_back({extent, ir::kNone, RDU_LOOP_PLAIN});
  }
  spec.num_parallel = 2;
  ir::Builder& builder = call.b();
  spec.reads = {builder.read(call.input(kRouter), {ir::along(0), ir::along(1)}),
                builder.read(call.input(kRouter), {ir::along(0), ir::along(2)})};
  spec.body = [](Body& b, std::span<const Reg> r) {
    const Reg earlier = b.binary(RDU_OP_LT, b.index(2), b.index(1));
    const Reg tie = b.binary(RDU_OP_AND, b.binary(RDU_OP_EQ, r[1], r[0]), earlier);
    const Reg before = b.binary(RDU_OP_OR, b.binary(RDU_OP_GT, r[1], r[0]), tie);
    b.result(b.cast(before, RDU_DTYPE_I32));
  };
  spec.acc_dtype = RDU_DTYPE_I32;
  spec.epilogue = [k](Body& b, Reg rank, std::span<const Reg>) {
    b.result(b.binary(RDU_OP_LT, rank, b.integer(RDU_DTYPE_I32, k)));
  };
  spec.dtype = RDU_DTYPE_BOOL;
  spec.dims = {m.tokens, m.experts};
  return builder.reduce(std::move(spec));
}

// The softmax over all experts where chosen, else 0; on demand scaled to a sum of 1.
ValueId routing_weights(OpCall& call, const Mixture& m) {
  ir::Builder& builder = call.b();
  const std::int64_t axis = 1;
  const ValueId shares =
      softmax(builder, builder.cast(call.input(kRouter), m.compute), std::span(&axis, 1));
  const ValueId weights = builder.elementwise(
      m.compute, {chosen(call, m), shares},
      [](Body& b, std::span<const Reg> r) { b.result(b.select(r[0], r[1], b.like(r[1], 0))); });
  if (call.attr_i("normalize_routing_weights", 0) == 0) return weights;
  const ValueId total = builder.reduce_axes(weights, std::span(&axis, 1), true, RDU_COMBINE_ADD,
                                            m.compute, m.compute);
  return builder.elementwise(m.compute, {weights, total},
                             [](Body& b, std::span<const Reg> r) { b.result(b.div(r[0], r[1])); });
}

// [tokens, experts, columns]
ValueId first_product(OpCall& call, const Mixture& m) {
  ir::Builder& b = call.b();
  ir::ReduceSpec spec;
  spec.loops = {{m.tokens, ir::kNone, RDU_LOOP_M},
                {m.experts, ir::kNone, RDU_LOOP_N},
                {m.columns, ir::kNone, RDU_LOOP_N},
                {m.hidden, ir::kNone, RDU_LOOP_K}};
  spec.num_parallel = 3;
  const ValueId x = b.reshape(call.input(kTokens), Dims{m.tokens, m.hidden});
  spec.reads = {b.read(x, {ir::along(0), ir::along(3)}),
                b.read(call.input(kUp), {ir::along(1), ir::along(2), ir::along(3)})};
  spec.body = product_in(m.compute);
  spec.acc_dtype = spec.dtype = m.compute;
  if (call.has_input(kUpBias)) {
    spec.epilogue_reads = {b.read(call.input(kUpBias), {ir::along(1), ir::along(2)})};
  }
  spec.epilogue = [](Body& body, Reg sum, std::span<const Reg> r) {
    body.result(r.empty() ? sum : body.add(sum, body.cast(r[0], sum.dtype)));
  };
  spec.dims = {m.tokens, m.experts, m.columns};
  return b.contract(std::move(spec));
}

// min(g, limit) * sigmoid(alpha * …) * (clamp(l, ±limit) + beta)
Reg gated_swish(Body& b, Reg g, Reg l, double alpha, double beta, double limit) {
  g = b.min(g, b.like(g, limit));
  l = b.max(b.min(l, b.like(l, limit)), b.like(l, -limit));
  return b.mul(b.mul(g, sigmoid(b, b.mul(g, b.like(g, alpha)))), b.add(l, b.like(l, beta)));
}

// [tokens, experts, inner]. The Gelu is the one with tanh, as the runtime computes it.
ValueId activated(OpCall& call, const Mixture& m, ValueId up) {
  ir::Builder& builder = call.b();
  const std::string type = call.attr_s("activation_type", "relu");
  const ir::Access identity = ir::identity_access(3);
  std::vector<ir::Read> reads;
  if (type == "swiglu") {
    for (const std::int64_t part : {0, 1}) {
      ir::Access access = identity;
      access[2] = m.interleaved ? ir::along(2, 2, part) : ir::along(2, 1, part * m.inner);
      reads.push_back(builder.read(up, access));
    }
  } else {
    if (type != "relu" && type != "gelu" && type != "silu" && type != "identity") {
      call.unsupported("attribute activation_type = '" + type + "'");
    }
    reads.push_back(builder.read(up, identity));
  }
  const double alpha = call.attr_f("activation_alpha", 1), beta = call.attr_f("activation_beta", 0);
  const double limit = call.attr_f("swiglu_limit", std::numeric_limits<float>::infinity());
  return builder.map(m.compute, Dims{m.tokens, m.experts, m.inner}, reads,
                     [=](Body& b, std::span<const Reg> r) {
                       const Reg x = r[0];
                       if (type == "swiglu") {
                         return b.result(gated_swish(b, x, r[1], alpha, beta, limit));
                       }
                       if (type == "relu") return b.result(b.max(x, b.like(x, 0)));
                       if (type == "gelu") return b.result(gelu_tanh(b, x));
                       b.result(type == "silu" ? b.mul(x, sigmoid(b, x)) : x);
                     });
}

// [tokens, experts, hidden]: each expert has its own matrix.
ValueId second_product(OpCall& call, const Mixture& m, ValueId inner) {
  ir::Builder& b = call.b();
  ir::ReduceSpec spec;
  spec.loops = {{m.tokens, ir::kNone, RDU_LOOP_M},
                {m.experts, ir::kNone, RDU_LOOP_BATCH},
                {m.hidden, ir::kNone, RDU_LOOP_N},
                {m.inner, ir::kNone, RDU_LOOP_K}};
  spec.num_parallel = 3;
  spec.reads = {b.read(inner, {ir::along(0), ir::along(1), ir::along(3)}),
                b.read(call.input(kDown), {ir::along(1), ir::along(2), ir::along(3)})};
  spec.body = product_in(m.compute);
  spec.acc_dtype = spec.dtype = m.compute;
  spec.dims = {m.tokens, m.experts, m.hidden};
  return b.contract(std::move(spec));
}

// Σ over the experts of weight * (what it says + bias).
void import_mixture(OpCall& call) {
  const Mixture m = read_mixture(call);
  ir::Builder& builder = call.b();
  const ValueId weights = routing_weights(call, m);
  const ValueId said = second_product(call, m, activated(call, m, first_product(call, m)));
  ir::ReduceSpec spec;
  for (const std::int64_t extent : {m.tokens, m.hidden, m.experts}) {
    spec.loops.push_back({extent, ir::kNone, RDU_LOOP_PLAIN});
  }
  spec.num_parallel = 2;
  spec.reads = {builder.read(weights, {ir::along(0), ir::along(2)}),
                builder.read(said, {ir::along(0), ir::along(2), ir::along(1)})};
  if (call.has_input(kDownBias)) {
    spec.reads.push_back(builder.read(call.input(kDownBias), {ir::along(2), ir::along(1)}));
  }
  spec.body = [](Body& b, std::span<const Reg> r) {
    b.result(b.mul(r[0], r.size() > 2 ? b.add(r[1], b.cast(r[2], r[1].dtype)) : r[1]));
  };
  spec.acc_dtype = m.compute;
  spec.dtype = m.dtype;
  spec.dims = {m.tokens, m.hidden};
  spec.epilogue = [dtype = m.dtype](Body& b, Reg sum, std::span<const Reg>) {
    b.result(b.cast(sum, dtype));
  };
  call.set_output(0, builder.reshape(builder.reduce(std::move(spec)), call.dims(kTokens)));
}

constexpr OpEntry kOps[] = {
    {kMicrosoft, "MoE", 1, import_mixture},
};

}  // namespace

std::span<const OpEntry> microsoft_mixture_ops() { return kOps; }

}  // namespace rducc::import_onnx
