// MatMul and Gemm: one contract each, alpha, beta and C in the epilogue.
#include "tools/rducc/import/onnx/ops/contraction.hpp"

#include <algorithm>

#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {

// A batch dimension that only one operand has is an M or N loop of that operand.
MatMulLoops matmul_loops(const OpCall& call, Dims a, Dims b) {
  MatMulLoops m;
  if (a.empty() || b.empty()) call.invalid("an operand is a scalar");
  const bool vector_a = a.size() == 1, vector_b = b.size() == 1;
  const std::int64_t depth = a.back();
  if ((vector_b ? b[0] : b[b.size() - 2]) != depth) {
    call.invalid("operands of shapes " + to_text(a) + " and " + to_text(b));
  }
  const Dims batch_a(a.begin(), a.end() - (vector_a ? 1 : 2));
  const Dims batch_b(b.begin(), b.end() - (vector_b ? 1 : 2));
  const Dims batch = ir::broadcast_dims(batch_a, batch_b);
  const auto extent_in = [&batch](const Dims& dims, std::size_t d) {
    const std::size_t missing = batch.size() - dims.size();
    return d < missing ? std::int64_t{1} : dims[d - missing];
  };
  for (std::size_t d = 0; d < batch.size(); ++d) {
    const bool in_a = extent_in(batch_a, d) == batch[d], in_b = extent_in(batch_b, d) == batch[d];
    m.loops.push_back(
        {batch[d], ir::kNone, in_a && in_b ? RDU_LOOP_BATCH : (in_a ? RDU_LOOP_M : RDU_LOOP_N)});
  }
  m.a_access = ir::broadcast_access(batch_a, batch);
  m.b_access = ir::broadcast_access(batch_b, batch);
  m.dims = batch;
  const auto loop = [&m](std::int64_t extent, std::uint32_t role) {
    m.loops.push_back({extent, ir::kNone, role});
    return ir::along(static_cast<std::uint32_t>(m.loops.size() - 1));
  };
  if (!vector_a) {
    m.dims.push_back(a[a.size() - 2]);
    m.a_access.push_back(loop(m.dims.back(), RDU_LOOP_M));
  }
  ir::Index column;
  if (!vector_b) {
    m.dims.push_back(b.back());
    column = loop(m.dims.back(), RDU_LOOP_N);
  }
  m.num_parallel = static_cast<std::uint32_t>(m.loops.size());
  const ir::Index k = loop(depth, RDU_LOOP_K);
  m.a_access.push_back(k);
  m.b_access.push_back(k);
  if (!vector_b) m.b_access.push_back(column);
  return m;
}

namespace {

void import_matmul(OpCall& call) {
  require_same_dtype(call, 0, 2);
  ir::Builder& builder = call.b();
  const MatMulLoops m = matmul_loops(call, call.dims(0), call.dims(1));
  if (m.loops.size() > RDU_MAX_LOOPS) {
    call.unsupported("a product of " + std::to_string(m.loops.size()) + " loops");
  }
  ir::ReduceSpec spec;
  spec.loops = m.loops;
  spec.num_parallel = m.num_parallel;
  spec.reads = {builder.read(call.input(0), m.a_access), builder.read(call.input(1), m.b_access)};
  spec.acc_dtype = wide(call.dtype(0));
  spec.body = [acc = spec.acc_dtype](Body& b, std::span<const Reg> r) {
    b.result(b.cast(r[0], acc));
    b.result(b.cast(r[1], acc));
  };
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
  const Dims &a = call.dims(0), &b = call.dims(1);
  if (a.size() != 2 || b.size() != 2 || a[trans_a ? 0 : 1] != b[trans_b ? 1 : 0]) {
    call.invalid("operands of shapes " + to_text(a) + " and " + to_text(b) + " with transA = " +
                 std::to_string(trans_a) + ", transB = " + std::to_string(trans_b));
  }
  const Dims dims{a[trans_a ? 1 : 0], b[trans_b ? 0 : 1]};
  const ir::Index m = ir::along(0), n = ir::along(1), k = ir::along(2);
  ir::ReduceSpec spec;
  spec.loops = {{dims[0], ir::kNone, RDU_LOOP_M},
                {dims[1], ir::kNone, RDU_LOOP_N},
                {a[trans_a ? 0 : 1], ir::kNone, RDU_LOOP_K}};
  spec.num_parallel = 2;
  spec.reads = {builder.read(call.input(0), trans_a ? ir::Access{k, m} : ir::Access{m, k}),
                builder.read(call.input(1), trans_b ? ir::Access{n, k} : ir::Access{k, n})};
  spec.acc_dtype = wide(call.dtype(0));
  spec.body = [acc = spec.acc_dtype](Body& body, std::span<const Reg> r) {
    body.result(body.cast(r[0], acc));
    body.result(body.cast(r[1], acc));
  };
  if (call.has_input(2) && beta != 0) {
    if (ir::broadcast_dims(dims, call.dims(2)) != dims) {
      call.invalid("C of shape " + to_text(call.dims(2)) + " does not broadcast to " +
                   to_text(dims));
    }
    spec.epilogue_reads = {builder.read(call.input(2), ir::broadcast_access(call.dims(2), dims))};
  }
  spec.dtype = call.dtype(0);
  spec.epilogue = [=, dtype = spec.dtype](Body& body, Reg acc, std::span<const Reg> r) {
    Reg y = scaled(body, acc, alpha);
    if (!r.empty()) y = body.add(y, scaled(body, body.cast(r[0], acc.dtype), beta));
    body.result(body.cast(y, dtype));
  };
  spec.dims = dims;
  call.set_output(0, builder.contract(std::move(spec)));
}

constexpr OpEntry kOps[] = {
    {"", "Gemm", 7, import_gemm},
    {"", "MatMul", 1, import_matmul},
};

}  // namespace

std::span<const OpEntry> contraction_ops() { return kOps; }

}  // namespace rducc::import_onnx
