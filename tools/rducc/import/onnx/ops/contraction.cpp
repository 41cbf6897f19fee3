// MatMul and Gemm: one contract each, alpha, beta and C in the epilogue.
#include "tools/rducc/import/onnx/ops/contraction.hpp"

#include <algorithm>

#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {

namespace {

// The extent that `dims` has for dimension d of the batch, which it may lack.
ir::Extent extent_in(const ir::Shape& dims, const ir::Shape& batch, std::size_t d) {
  const std::size_t missing = batch.size() - dims.size();
  return d < missing ? ir::Extent{} : dims[d - missing];
}

// A batch dimension that only one operand has is an M or N loop of that operand.
void add_batch(MatMulLoops& m, const ir::Shape& a, const ir::Shape& b) {
  const ir::Shape batch = ir::broadcast_shape(a, b);
  for (std::size_t d = 0; d < batch.size(); ++d) {
    const bool one = batch[d].is_one();
    const bool in_a = one || !extent_in(a, batch, d).is_one();
    const bool in_b = one || !extent_in(b, batch, d).is_one();
    const std::uint32_t role = in_a && in_b ? RDU_LOOP_BATCH : (in_a ? RDU_LOOP_M : RDU_LOOP_N);
    m.loops.push_back(ir::loop_over(batch[d], role));
  }
  m.a_access = ir::broadcast_access(a, batch);
  m.b_access = ir::broadcast_access(b, batch);
  m.dims = ir::bounds_of(batch);
}

}  // namespace

ir::BodyFn product_in(rdu_dtype acc) {
  return [acc](Body& b, std::span<const Reg> r) {
    for (const Reg& operand : r) b.result(b.cast(operand, acc));
  };
}

MatMulLoops matmul_loops(const OpCall& call, const ir::Shape& a, const ir::Shape& b) {
  MatMulLoops m;
  if (a.empty() || b.empty()) call.invalid("an operand is a scalar");
  const bool vector_a = a.size() == 1, vector_b = b.size() == 1;
  const ir::Extent depth = a.back(), other_depth = vector_b ? b[0] : b[b.size() - 2];
  if (depth.is_constant() && other_depth.is_constant() && depth.bound != other_depth.bound) {
    call.invalid("operands of shapes " + ir::to_text(a) + " and " + ir::to_text(b));
  }
  const ir::Shape batch_a(a.begin(), a.end() - (vector_a ? 1 : 2));
  const ir::Shape batch_b(b.begin(), b.end() - (vector_b ? 1 : 2));
  add_batch(m, batch_a, batch_b);
  const auto loop = [&m](const ir::Extent& extent, std::uint32_t role) {
    m.loops.push_back(ir::loop_over(extent, role));
    return ir::along(static_cast<std::uint32_t>(m.loops.size() - 1));
  };
  if (!vector_a) {
    m.dims.push_back(a[a.size() - 2].bound);
    m.a_access.push_back(loop(a[a.size() - 2], RDU_LOOP_M));
  }
  ir::Index column;
  if (!vector_b) {
    m.dims.push_back(b.back().bound);
    column = loop(b.back(), RDU_LOOP_N);
  }
  m.num_parallel = static_cast<std::uint32_t>(m.loops.size());
  const ir::Shape depths{depth, other_depth};
  const ir::Extent common = ir::broadcast_shape({&depths[0], 1}, {&depths[1], 1})[0];
  const ir::Index k = loop(common, RDU_LOOP_K);
  const auto k_of = [&](const ir::Extent& extent) {
    return ir::same_extent(extent, common) ? k : ir::outside(k, RDU_OUTSIDE_ERROR);
  };
  m.a_access.push_back(k_of(depth));
  m.b_access.push_back(k_of(other_depth));
  if (!vector_b) m.b_access.push_back(column);
  return m;
}

namespace {

void import_matmul(OpCall& call) {
  require_same_dtype(call, 0, 2);
  ir::Builder& builder = call.b();
  const MatMulLoops m = matmul_loops(call, call.shape(0), call.shape(1));
  if (m.loops.size() > RDU_MAX_LOOPS) {
    call.unsupported("a product of " + std::to_string(m.loops.size()) + " loops");
  }
  ir::ReduceSpec spec;
  spec.loops = m.loops;
  spec.num_parallel = m.num_parallel;
  spec.reads = {builder.read(call.input(0), m.a_access), builder.read(call.input(1), m.b_access)};
  spec.acc_dtype = wide(call.dtype(0));
  spec.body = product_in(spec.acc_dtype);
  spec.dtype = call.dtype(0);
  spec.dims = m.dims;
  call.set_output(0, builder.contract(std::move(spec)));
}

Reg scaled(Body& b, Reg x, double factor) { return factor == 1 ? x : b.mul(x, b.like(x, factor)); }

void import_gemm(OpCall& call) {
  require_same_dtype(call, 0, 3);
  ir::Builder& builder = call.b();
  const double alpha = call.attr_f("alpha", 1), beta = call.attr_f("beta", 1);
  const bool trans_a = call.attr_i("transA", 0) != 0, trans_b = call.attr_i("transB", 0) != 0;
  const ir::Shape a = call.shape(0), b = call.shape(1);
  const ir::Extent one;
  const ir::Extent& depth = a.size() == 2 ? a[trans_a ? 0 : 1] : one;
  const ir::Extent& other_depth = b.size() == 2 ? b[trans_b ? 1 : 0] : one;
  if (a.size() != 2 || b.size() != 2 || !ir::same_extent(depth, other_depth)) {
    call.invalid("operands of shapes " + ir::to_text(a) + " and " + ir::to_text(b) +
                 " with transA = " + std::to_string(trans_a) +
                 ", transB = " + std::to_string(trans_b));
  }
  const ir::Shape shape{a[trans_a ? 1 : 0], b[trans_b ? 0 : 1]};
  const ir::Index m = ir::along(0), n = ir::along(1), k = ir::along(2);
  ir::ReduceSpec spec;
  spec.loops = {ir::loop_over(shape[0], RDU_LOOP_M), ir::loop_over(shape[1], RDU_LOOP_N),
                ir::loop_over(depth, RDU_LOOP_K)};
  spec.num_parallel = 2;
  spec.reads = {builder.read(call.input(0), trans_a ? ir::Access{k, m} : ir::Access{m, k}),
                builder.read(call.input(1), trans_b ? ir::Access{n, k} : ir::Access{k, n})};
  spec.acc_dtype = wide(call.dtype(0));
  spec.body = product_in(spec.acc_dtype);
  if (call.has_input(2) && beta != 0) {
    const ir::Shape c = call.shape(2);
    if (!ir::same_shape(ir::broadcast_shape(shape, c), shape)) {
      call.invalid("C of shape " + ir::to_text(c) + " does not broadcast to " + ir::to_text(shape));
    }
    spec.epilogue_reads = {builder.read(call.input(2), ir::broadcast_access(c, shape))};
  }
  spec.dtype = call.dtype(0);
  spec.epilogue = [=, dtype = spec.dtype](Body& body, Reg acc, std::span<const Reg> r) {
    Reg y = scaled(body, acc, alpha);
    if (!r.empty()) y = body.add(y, scaled(body, body.cast(r[0], acc.dtype), beta));
    body.result(body.cast(y, dtype));
  };
  spec.dims = ir::bounds_of(shape);
  call.set_output(0, builder.contract(std::move(spec)));
}

constexpr OpEntry kOps[] = {
    {"", "Gemm", 1, import_gemm},
    {"", "MatMul", 1, import_matmul},
};

}  // namespace

std::span<const OpEntry> contraction_ops() { return kOps; }

}  // namespace rducc::import_onnx
