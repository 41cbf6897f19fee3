// contract: out[i] = g(Σ_r p(a[A(i, r)]) · q(b[B(i, r)])).
#include "plugins/reference/combine.hpp"
#include "plugins/reference/patterns.hpp"

namespace rdu::reference {
namespace {

// Adds p·q of every point of loops [first, end) at the current position of the loops before.
void add_products(NodeRun& run, std::uint32_t first, std::uint32_t end, Scalar& sum) {
  const Program& body = run.plan().body;
  const rdu_dtype dtype = run.plan().node->acc_dtype;
  const Kind kind = kind_of(dtype);
  run.walk(first, end, [&] {
    const Scalar* registers = run.evaluate_body();
    const Scalar p = cast(body.result_dtype(0), dtype, registers[body.results[0]]);
    const Scalar q = cast(body.result_dtype(1), dtype, registers[body.results[1]]);
    const Scalar product = combine(RDU_COMBINE_MUL, kind, p, q);
    sum = combine(RDU_COMBINE_ADD, kind, sum, product);
  });
}

// p and q are F32 elements as they lie in memory, summed in double: the case of almost every float network.
bool is_plain_f32(const NodePlan& plan) {
  const Program& body = plan.body;
  if (!plugin::is_float(plan.node->acc_dtype) || body.code.size() != 2) return false;
  for (const Instruction& in : body.code) {
    if (in.op != RDU_OP_LOAD || in.dtype != RDU_DTYPE_F32) return false;
  }
  return true;
}

// The innermost reduction loop that is a loop at all; num_loops where there is none.
std::uint32_t row_loop(const NodeRun& run) {
  std::uint32_t loop = run.plan().num_loops();
  while (loop > run.plan().num_parallel && run.domain().extents[loop - 1] == 1) --loop;
  return loop == run.plan().num_parallel ? run.plan().num_loops() : loop - 1;
}

// Tries one row without judging each point: the same products in the same order.
bool add_line(NodeRun& run, std::uint32_t row, double& sum) {
  const Program& body = run.plan().body;
  Cursor& p = run.read(body.code[body.results[0]].a);
  Cursor& q = run.read(body.code[body.results[1]].a);
  const std::int64_t count = run.domain().extents[row];
  std::int64_t p_element, p_step, q_element, q_step;
  if (!p.line(row, count, p_element, p_step) || !q.line(row, count, q_element, q_step))
    return false;
  const auto* a = reinterpret_cast<const float*>(p.data()) + p_element;
  const auto* b = reinterpret_cast<const float*>(q.data()) + q_element;
  for (std::int64_t i = 0; i < count; ++i)
    sum += static_cast<double>(a[i * p_step]) * static_cast<double>(b[i * q_step]);
  p.skip_to_last(row, count);
  if (&p != &q) q.skip_to_last(row, count);
  return true;
}

}  // namespace

plugin::Status run_contract(NodeRun& run) {
  const NodePlan& plan = run.plan();
  const std::uint32_t loops = plan.num_loops();
  const rdu_dtype dtype = plan.node->acc_dtype;
  const std::uint32_t row = is_plain_f32(plan) ? row_loop(run) : loops;
  run.walk(0, plan.num_parallel, [&] {
    Scalar sum = identity(RDU_COMBINE_ADD, dtype);
    if (row == loops) {
      add_products(run, plan.num_parallel, loops, sum);
    } else if (!run.domain().empty(row, loops)) {
      run.walk(plan.num_parallel, row, [&] {
        if (!add_line(run, row, sum.f)) add_products(run, row, loops, sum);
      });
    }
    write_reduced(run, dtype, narrow(dtype, sum));
  });
  return run.finish();
}

}  // namespace rdu::reference
