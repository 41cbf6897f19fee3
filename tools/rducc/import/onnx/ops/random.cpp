// Operators that draw: counter-based uniforms, whose seed is the node's own where it states none.
#include <cmath>
#include <cstring>
#include <numbers>

#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {
namespace {

// FNV-1a of the node's name: two nodes differ, two compilations do not.
std::int64_t seed_of(const OpCall& call) {
  std::uint64_t hash = 14695981039346656037ULL;
  const auto mix = [&hash](const std::string& text) {
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  };
  if (call.has_attr("seed") && call.op_type() == "Dropout") {
    mix(std::to_string(call.attr_i("seed", 0)));  // the only one whose seed is an integer
  } else if (call.has_attr("seed")) {
    mix(std::to_string(call.attr_f("seed", 0)));
  } else {
    mix(call.where());
  }
  return static_cast<std::int64_t>(hash);
}

ValueId uniform(OpCall& call, rdu_dtype dtype, const Dims& dims) {
  const double low = call.attr_f("low", 0), high = call.attr_f("high", 1);
  const std::int64_t seed = seed_of(call);
  return call.b().map(dtype, dims, {}, [=](Body& b, std::span<const Reg>) {
    const Reg u = b.rng(wide(dtype), seed);
    b.result(b.cast(b.add(b.mul(u, b.like(u, high - low)), b.like(u, low)), dtype));
  });
}

// Box-Muller: the radius of one uniform, the angle of another.
ValueId normal(OpCall& call, rdu_dtype dtype, const Dims& dims) {
  const double mean = call.attr_f("mean", 0), scale = call.attr_f("scale", 1);
  const std::int64_t seed = seed_of(call);
  return call.b().map(dtype, dims, {}, [=](Body& b, std::span<const Reg>) {
    const Reg u = b.rng(wide(dtype), seed);
    const Reg log = b.unary(RDU_OP_LOG, b.sub(b.like(u, 1), u));
    const Reg radius = b.unary(RDU_OP_SQRT, b.mul(b.like(u, -2), log));
    const Reg turn = b.mul(b.rng(wide(dtype), seed + 1), b.like(u, 2 * std::numbers::pi));
    const Reg z = b.mul(radius, b.unary(RDU_OP_COS, turn));
    b.result(b.cast(b.add(b.mul(z, b.like(u, scale)), b.like(u, mean)), dtype));
  });
}

void import_random_uniform(OpCall& call) {
  call.set_output(0,
                  uniform(call, dtype_attr(call, "dtype", RDU_DTYPE_F32), call.attr_ints("shape")));
}

void import_random_uniform_like(OpCall& call) {
  call.set_output(0, uniform(call, dtype_attr(call, "dtype", call.dtype(0)), call.dims(0)));
}

void import_random_normal(OpCall& call) {
  call.set_output(0,
                  normal(call, dtype_attr(call, "dtype", RDU_DTYPE_F32), call.attr_ints("shape")));
}

void import_random_normal_like(OpCall& call) {
  call.set_output(0, normal(call, dtype_attr(call, "dtype", call.dtype(0)), call.dims(0)));
}

void import_bernoulli(OpCall& call) {
  const rdu_dtype dtype = dtype_attr(call, "dtype", call.dtype(0));
  const std::int64_t seed = seed_of(call);
  call.set_output(
      0, call.b().elementwise(dtype, {call.input(0)}, [=](Body& b, std::span<const Reg> r) {
        const Reg p = b.cast(r[0], wide(r[0].dtype));
        b.result(b.cast(b.binary(RDU_OP_LT, b.rng(p.dtype, seed), p), dtype));
      }));
}

// A class per sample: the largest of the logarithmic probabilities, each with a Gumbel-distributed
// number added, is drawn with its probability.
void import_multinomial(OpCall& call) {
  require_float(call, 0);
  const Dims x = call.dims(0);
  const std::int64_t samples = call.attr_i("sample_size", 1), seed = seed_of(call);
  if (x.size() != 2 || x[1] < 1 || samples < 0 || samples > kMostStated) {
    call.invalid("sample_size = " + std::to_string(samples) + " of an input of shape " +
                 to_text(x));
  }
  const rdu_dtype dtype = dtype_attr(call, "dtype", RDU_DTYPE_I32), compute = wide(call.dtype(0));
  ir::ReduceSpec spec;
  for (const std::int64_t extent : {x[0], samples, x[1]}) {
    spec.loops.push_back({extent, ir::kNone, RDU_LOOP_PLAIN});
  }
  spec.num_parallel = 2;
  spec.reads = {call.b().read(call.input(0), {ir::along(0), ir::along(2)})};
  spec.body = [=](Body& b, std::span<const Reg> r) {
    const Reg waiting = b.unary(RDU_OP_NEG, b.unary(RDU_OP_LOG, b.rng(compute, seed)));
    b.result(b.sub(b.cast(r[0], compute), b.unary(RDU_OP_LOG, waiting)));
  };
  spec.combine = RDU_COMBINE_ARGMAX_FIRST;
  spec.acc_dtype = RDU_DTYPE_I64;
  spec.epilogue = [=](Body& b, Reg drawn, std::span<const Reg>) { b.result(b.cast(drawn, dtype)); };
  spec.dtype = dtype;
  spec.dims = {x[0], samples};
  call.set_output(0, call.b().reduce(std::move(spec)));
}

// --- Dropout: the identity, unless training_mode is set -------------------------------------------

double dropout_ratio(const OpCall& call) {
  if (call.opset() < 12) return call.attr_f("ratio", 0.5);
  if (!call.has_input(1)) return 0.5;
  return call.required_constant(1, "the ratio").to_f64().at(0);
}

bool dropout_trains(const OpCall& call) {
  if (call.opset() < 12 || !call.has_input(2)) return false;
  return call.required_constant(2, "training_mode").to_i64().at(0) != 0;
}

// An element is kept where its draw reaches the ratio, and then scaled by 1 / (1 - ratio).
ValueId kept_elements(OpCall& call, double ratio) {
  const std::int64_t seed = seed_of(call);
  return call.b().map(RDU_DTYPE_BOOL, call.dims(0), {}, [=](Body& b, std::span<const Reg>) {
    const Reg u = b.rng(RDU_DTYPE_F32, seed);
    b.result(b.binary(RDU_OP_GE, u, b.like(u, ratio)));
  });
}

void import_dropout(OpCall& call) {
  ir::Builder& b = call.b();
  const double ratio = dropout_trains(call) ? dropout_ratio(call) : 0;
  if (!(ratio >= 0 && ratio < 1)) call.invalid("ratio = " + std::to_string(ratio));
  const rdu_dtype dtype = call.dtype(0);
  if (ratio == 0) {
    call.set_output(0, call.input(0));
    if (call.wants_output(1)) {
      const rdu_dtype mask = call.opset() < 10 ? dtype : RDU_DTYPE_BOOL;
      call.set_output(1, b.expand(b.scalar(mask, 1), call.dims(0)));
    }
    return;
  }
  const ValueId mask = kept_elements(call, ratio);
  call.set_output(
      0, b.elementwise(dtype, {call.input(0), mask}, [=](Body& body, std::span<const Reg> r) {
        const Reg x = body.cast(r[0], wide(dtype));
        const Reg y = body.mul(x, body.like(x, 1 / (1 - ratio)));
        body.result(body.cast(body.select(r[1], y, body.like(y, 0)), dtype));
      }));
  if (call.wants_output(1)) call.set_output(1, mask);
}

constexpr OpEntry kOps[] = {
    {"", "Bernoulli", 15, import_bernoulli},
    {"", "Dropout", 1, import_dropout},
    {"", "Multinomial", 7, import_multinomial},
    {"", "RandomNormal", 1, import_random_normal},
    {"", "RandomNormalLike", 1, import_random_normal_like},
    {"", "RandomUniform", 1, import_random_uniform},
    {"", "RandomUniformLike", 1, import_random_uniform_like},
};

}  // namespace

std::span<const OpEntry> random_ops() { return kOps; }

}  // namespace rducc::import_onnx
