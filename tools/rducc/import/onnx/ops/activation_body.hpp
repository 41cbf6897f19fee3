// Activation functions as pieces of a vector program, for maps and for the cells of recurrences.
#pragma once

#include "tools/rducc/ir/body.hpp"

namespace rducc::import_onnx {

ir::Reg sigmoid(ir::Body& b, ir::Reg x);
ir::Reg softplus(ir::Body& b, ir::Reg x);
ir::Reg softsign(ir::Body& b, ir::Reg x);
ir::Reg hard_sigmoid(ir::Body& b, ir::Reg x, double alpha, double beta);
ir::Reg leaky_relu(ir::Body& b, ir::Reg x, double alpha);
ir::Reg thresholded_relu(ir::Body& b, ir::Reg x, double alpha);
// scale * (x > 0 ? x : alpha * (exp(x / width) - 1))
ir::Reg exponential_unit(ir::Body& b, ir::Reg x, double alpha, double width, double scale);

// x/2 * (1 + erf(x / sqrt 2)), and its approximation with tanh.
ir::Reg gelu(ir::Body& b, ir::Reg x);
ir::Reg gelu_tanh(ir::Body& b, ir::Reg x);

}  // namespace rducc::import_onnx
