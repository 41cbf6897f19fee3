// What contractions share: the loops and accesses of a matrix product, and their body.
#pragma once

#include <cstdint>
#include <vector>

#include "tools/rducc/import/onnx/op_call.hpp"

namespace rducc::import_onnx {

struct MatMulLoops {
  std::vector<ir::Loop> loops;
  std::uint32_t num_parallel = 0;
  ir::Access a_access, b_access;
  Dims dims;  // of the result
};

// numpy.matmul of operands of these shapes: vectors, matrices and broadcast batches of them.
MatMulLoops matmul_loops(const OpCall& call, const ir::Shape& a, const ir::Shape& b);
inline MatMulLoops matmul_loops(const OpCall& call, const Dims& a, const Dims& b) {
  return matmul_loops(call, ir::constant_shape(a), ir::constant_shape(b));
}

// The operands of a product in the accumulator's dtype.
ir::BodyFn product_in(rdu_dtype acc);

}  // namespace rducc::import_onnx
