// One step of an optimizer (ai.onnx.preview.training): a map per new value of each tensor.
#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {
namespace {

// Inputs R, T, then a list per role (weights, gradients, states…), all of one length.
std::size_t num_tensors(const OpCall& call, std::size_t roles) {
  const std::size_t listed = call.num_inputs() < 2 ? 0 : call.num_inputs() - 2;
  if (listed == 0 || listed % roles) {
    call.invalid(std::to_string(call.num_inputs()) + " inputs; R, T and lists of " +
                 std::to_string(roles) + " are expected");
  }
  return listed / roles;
}

// The gradient with the norm's: norm_coefficient * x + g.
Reg regularised(Body& b, Reg x, Reg g, double norm) {
  return norm == 0 ? g : b.add(b.mul(x, b.like(x, norm)), g);
}

void import_adagrad(OpCall& call) {
  const std::size_t count = num_tensors(call, 3);
  const double norm = call.attr_f("norm_coefficient", 0), decay = call.attr_f("decay_factor", 0);
  const double epsilon = call.attr_f("epsilon", 1e-6F);
  ir::Builder& builder = call.b();
  for (std::size_t i = 0; i < count; ++i) {
    const ValueId x = call.input(2 + i), g = call.input(2 + count + i),
                  h = call.input(2 + 2 * count + i);
    const rdu_dtype dtype = builder.dtype(x);
    const ValueId sum = builder.elementwise(dtype, {x, g, h}, [=](Body& b, std::span<const Reg> r) {
      const Reg gradient = regularised(b, r[0], r[1], norm);
      b.result(b.add(r[2], b.mul(gradient, gradient)));
    });
    call.set_output(count + i, sum);
    call.set_output(
        i,
        builder.elementwise(
            dtype, {x, g, sum, call.input(0), call.input(1)}, [=](Body& b, std::span<const Reg> r) {
              const Reg steps = b.mul(b.cast(r[4], dtype), b.like(r[0], decay));
              const Reg rate = b.div(b.cast(r[3], dtype), b.add(steps, b.like(r[0], 1)));
              const Reg root = b.add(b.unary(RDU_OP_SQRT, r[2]), b.like(r[0], epsilon));
              const Reg gradient = regularised(b, r[0], r[1], norm);
              b.result(b.sub(r[0], b.div(b.mul(rate, gradient), root)));
            }));
  }
}

void import_momentum(OpCall& call) {
  const std::size_t count = num_tensors(call, 3);
  const std::string mode = call.attr_s("mode", "standard");
  if (mode != "standard" && mode != "nesterov") call.invalid("attribute mode = '" + mode + "'");
  const bool nesterov = mode == "nesterov";
  const double norm = call.attr_f("norm_coefficient", 0);
  const double alpha = call.attr_f("alpha", 0), beta = call.attr_f("beta", 0);
  ir::Builder& builder = call.b();
  for (std::size_t i = 0; i < count; ++i) {
    const ValueId x = call.input(2 + i), g = call.input(2 + count + i);
    const rdu_dtype dtype = builder.dtype(x);
    const ValueId v = builder.elementwise(
        dtype, {x, g, call.input(2 + 2 * count + i), call.input(1)},
        [=](Body& b, std::span<const Reg> r) {
          const Reg started = b.binary(RDU_OP_GT, r[3], b.integer(r[3].dtype, 0));
          const Reg share = b.select(started, b.like(r[0], beta), b.like(r[0], 1));
          const Reg gradient = regularised(b, r[0], r[1], norm);
          b.result(b.add(b.mul(r[2], b.like(r[2], alpha)), b.mul(share, gradient)));
        });
    call.set_output(count + i, v);
    call.set_output(
        i,
        builder.elementwise(dtype, {x, g, v, call.input(0)}, [=](Body& b, std::span<const Reg> r) {
          Reg step = r[2];
          if (nesterov) {
            step = b.add(regularised(b, r[0], r[1], norm), b.mul(r[2], b.like(r[2], alpha)));
          }
          const Reg rate = b.cast(r[3], dtype);
          b.result(b.sub(r[0], b.mul(rate, step)));
        }));
  }
}

constexpr OpEntry kOps[] = {
    {"ai.onnx.preview.training", "Adagrad", 1, import_adagrad},
    {"ai.onnx.preview.training", "Momentum", 1, import_momentum},
};

}  // namespace

std::span<const OpEntry> optimizer_ops() { return kOps; }

}  // namespace rducc::import_onnx
