// The formulas of the activation functions.
#include "tools/rducc/import/onnx/ops/activation_body.hpp"

#include <cmath>

namespace rducc::import_onnx {

using ir::Body;
using ir::Reg;

Reg sigmoid(Body& b, Reg x) { return b.unary(RDU_OP_RCP, b.add(b.like(x, 1), b.exp(b.neg(x)))); }

// log(1 + exp(x)) without overflow: max(x, 0) + log(1 + exp(-|x|)).
Reg softplus(Body& b, Reg x) {
  const Reg tail = b.exp(b.neg(b.unary(RDU_OP_ABS, x)));
  return b.add(b.max(x, b.like(x, 0)), b.unary(RDU_OP_LOG, b.add(b.like(x, 1), tail)));
}

Reg softsign(Body& b, Reg x) { return b.div(x, b.add(b.like(x, 1), b.unary(RDU_OP_ABS, x))); }

Reg hard_sigmoid(Body& b, Reg x, double alpha, double beta) {
  const Reg line = b.add(b.mul(x, b.like(x, alpha)), b.like(x, beta));
  return b.max(b.like(x, 0), b.min(b.like(x, 1), line));
}

Reg leaky_relu(Body& b, Reg x, double alpha) {
  return b.select(b.binary(RDU_OP_LT, x, b.like(x, 0)), b.mul(x, b.like(x, alpha)), x);
}

Reg thresholded_relu(Body& b, Reg x, double alpha) {
  return b.select(b.binary(RDU_OP_GT, x, b.like(x, alpha)), x, b.like(x, 0));
}

Reg exponential_unit(Body& b, Reg x, double alpha, double width, double scale) {
  const Reg arg = width == 1 ? x : b.div(x, b.like(x, width));
  const Reg low = b.mul(b.like(x, alpha), b.sub(b.exp(arg), b.like(x, 1)));
  const Reg y = b.select(b.binary(RDU_OP_GT, x, b.like(x, 0)), x, low);
  return scale == 1 ? y : b.mul(y, b.like(x, scale));
}

Reg gelu(Body& b, Reg x) {
  const Reg erf = b.unary(RDU_OP_ERF, b.mul(x, b.like(x, std::sqrt(0.5))));
  return b.mul(b.mul(b.like(x, 0.5), x), b.add(b.like(x, 1), erf));
}

Reg gelu_tanh(Body& b, Reg x) {
  constexpr double kSqrtTwoOverPi = 0.7978845608028654;
  const Reg cube = b.mul(b.mul(x, x), b.mul(x, b.like(x, 0.044715)));
  const Reg tanh = b.unary(RDU_OP_TANH, b.mul(b.like(x, kSqrtTwoOverPi), b.add(x, cube)));
  return b.mul(b.mul(b.like(x, 0.5), x), b.add(b.like(x, 1), tanh));
}

}  // namespace rducc::import_onnx
