// Integer products: contracts over operands less their zero points, accumulated in I32, and the
// forms that quantise the result in the epilogue.
#include <algorithm>

#include "tools/rducc/import/onnx/ops/contraction.hpp"
#include "tools/rducc/import/onnx/ops/convolution.hpp"
#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/ops/quantisation.hpp"
#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {
namespace {

// How a parameter (scale, zero point) of an operand is read over the parallel loops.
using ReadParameter = std::function<ir::Read(ValueId)>;

// The product of two quantised operands, before anyone says what becomes of the sum.
struct Product {
  ir::ReduceSpec spec;
  ReadParameter read_a, read_b;  // parameters of the operands
  Dims dims;                     // of the operator's result
};

// p = a - a_zero, q = b - b_zero, both in I32; an absent zero point is 0.
void subtract_zero_points(OpCall& call, Product& p, std::size_t a_zero, std::size_t b_zero) {
  std::size_t a_position = 0, b_position = 0;
  if (call.has_input(a_zero)) {
    a_position = p.spec.reads.size();
    p.spec.reads.push_back(p.read_a(call.input(a_zero)));
  }
  if (call.has_input(b_zero)) {
    b_position = p.spec.reads.size();
    p.spec.reads.push_back(p.read_b(call.input(b_zero)));
  }
  p.spec.acc_dtype = RDU_DTYPE_I32;
  p.spec.body = [=](Body& b, std::span<const Reg> r) {
    const auto less = [&](Reg x, std::size_t zero) {
      const Reg wide_x = b.cast(x, RDU_DTYPE_I32);
      return zero ? b.sub(wide_x, b.cast(r[zero], RDU_DTYPE_I32)) : wide_x;
    };
    b.result(less(r[0], a_position));
    b.result(less(r[1], b_position));
  };
}

ir::Read read_scalar(ir::Builder& b, ValueId value) {
  return b.read(value, ir::Access(b.dims(value).size(), ir::at(0)));
}

// A parameter of the rows is [M] or [..., M, 1], one of the columns [N] or [..., 1, N].
Product matmul_product(OpCall& call, std::size_t a, std::size_t b) {
  Product p;
  const MatMulLoops m = matmul_loops(call, call.dims(a), call.dims(b));
  if (m.loops.size() > RDU_MAX_LOOPS) {
    call.unsupported("a product of " + std::to_string(m.loops.size()) + " loops");
  }
  ir::Builder& builder = call.b();
  p.spec.loops = m.loops;
  p.spec.num_parallel = m.num_parallel;
  p.spec.dims = p.dims = m.dims;
  p.spec.reads = {builder.read(call.input(a), m.a_access), builder.read(call.input(b), m.b_access)};
  p.read_b = [&builder, dims = m.dims](ValueId value) {
    if (ir::num_elements(builder.dims(value)) == 1) return read_scalar(builder, value);
    return builder.read(value, ir::broadcast_access(builder.dims(value), dims));
  };
  p.read_a = [&builder, read_b = p.read_b](ValueId value) {
    const Dims dims = builder.dims(value);
    return read_b(dims.size() == 1 && dims[0] != 1 ? builder.reshape(value, {dims[0], 1}) : value);
  };
  return p;
}

// Padding stands for real zeros: it reads as the zero point of x (input `x_zero`).
Product conv_product(OpCall& call, std::size_t x, std::size_t w, std::size_t x_zero) {
  Product p;
  const ConvShape shape = conv_shape(call, x, w);
  ir::Builder& builder = call.b();
  const ConvLoops c = conv_loops(builder, call.input(x), call.input(w), shape);
  require_domain(call, c.loops.size());
  p.spec.loops = c.loops;
  p.spec.num_parallel = c.num_parallel;
  p.spec.dims = c.result_dims;
  p.dims = c.dims;
  p.spec.reads = {builder.read(c.x, c.x_access), builder.read(c.w, c.w_access)};
  if (call.has_input(x_zero)) {
    if (ir::num_elements(call.dims(x_zero)) != 1) {
      call.unsupported("a zero point of x of shape " + to_text(call.dims(x_zero)));
    }
    if (const auto zero = call.constant(x_zero)) {
      p.spec.reads[0].fill.i = zero->to_i64()[0];
    } else {
      p.spec.reads[0].fill_value = builder.reshape(call.input(x_zero), {});
    }
  }
  p.read_a = [&builder](ValueId value) { return read_scalar(builder, value); };
  p.read_b = [&call, &builder, c, shape](ValueId value) {
    const Dims dims = builder.dims(value);
    if (ir::num_elements(dims) == 1) return read_scalar(builder, value);
    if (dims != Dims{c.dims[1]}) {
      call.invalid("a parameter of the weights of shape " + to_text(dims) + " for " +
                   std::to_string(c.dims[1]) + " channels");
    }
    return per_channel(builder, value, c, shape);
  };
  return p;
}

void emit_integer(OpCall& call, Product p) {
  p.spec.dtype = RDU_DTYPE_I32;
  ir::Builder& builder = call.b();
  call.set_output(0, builder.reshape(builder.contract(std::move(p.spec)), p.dims));
}

void import_matmul_integer(OpCall& call) {
  Product p = matmul_product(call, 0, 1);
  subtract_zero_points(call, p, 2, 3);
  emit_integer(call, std::move(p));
}

void import_conv_integer(OpCall& call) {
  Product p = conv_product(call, 0, 1, 2);
  subtract_zero_points(call, p, 2, 3);
  emit_integer(call, std::move(p));
}

// saturate(round(sum * (a_scale * b_scale / y_scale)) + y_zero), the bias added to the sum.
// Inputs: a, a_scale, a_zero, b, b_scale, b_zero, y_scale, y_zero, [bias].
void emit_quantised(OpCall& call, Product p) {
  subtract_zero_points(call, p, 2, 5);
  ir::Builder& builder = call.b();
  const rdu_dtype dtype = call.dtype(7);
  p.spec.dtype = dtype;
  p.spec.epilogue_reads = {p.read_a(call.input(1)), p.read_b(call.input(4)),
                           read_scalar(builder, call.input(6)),
                           read_scalar(builder, call.input(7))};
  if (call.has_input(8)) p.spec.epilogue_reads.push_back(p.read_b(call.input(8)));
  p.spec.epilogue = [=](Body& b, Reg sum, std::span<const Reg> r) {
    if (r.size() > 4) sum = b.add(sum, b.cast(r[4], sum.dtype));
    const auto scale = [&](std::size_t i) { return b.cast(r[i], RDU_DTYPE_F32); };
    const Reg factor = b.div(b.mul(scale(0), scale(1)), scale(2));
    b.result(requantise(b, b.mul(b.cast(sum, RDU_DTYPE_F32), factor), &r[3], dtype));
  };
  call.set_output(0, builder.reshape(builder.contract(std::move(p.spec)), p.dims));
}

void import_qlinear_matmul(OpCall& call) { emit_quantised(call, matmul_product(call, 0, 3)); }

void import_qlinear_conv(OpCall& call) { emit_quantised(call, conv_product(call, 0, 3, 2)); }

constexpr OpEntry kOps[] = {
    {"", "ConvInteger", 10, import_conv_integer},
    {"", "MatMulInteger", 10, import_matmul_integer},
    {"", "QLinearConv", 10, import_qlinear_conv},
    {"", "QLinearMatMul", 10, import_qlinear_matmul},
};

}  // namespace

std::span<const OpEntry> quantised_product_ops() { return kOps; }

}  // namespace rducc::import_onnx
