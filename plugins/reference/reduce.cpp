// reduce: out[i] = g(⊕_r f(in_k[A_k(i, r)])).
#include "plugins/reference/combine.hpp"
#include "plugins/reference/patterns.hpp"

namespace rdu::reference {
namespace {

void reduce_values(NodeRun& run) {
  const NodePlan& plan = run.plan();
  const std::uint32_t op = plan.node->combine;
  const rdu_dtype dtype = plan.node->acc_dtype;
  const rdu_dtype body_dtype = plan.body.result_dtype(0);
  const Kind kind = kind_of(dtype);
  run.walk(0, plan.num_parallel, [&] {
    Scalar accumulated = identity(op, dtype);
    run.walk(plan.num_parallel, plan.num_loops(), [&] {
      const Scalar value = run.evaluate_body()[plan.body.results[0]];
      accumulated = combine(op, kind, accumulated, cast(body_dtype, dtype, value));
    });
    write_reduced(run, dtype, narrow(dtype, accumulated));
  });
}

void reduce_positions(NodeRun& run) {
  const NodePlan& plan = run.plan();
  const std::uint32_t op = plan.node->combine;
  const Kind kind = kind_of(plan.body.result_dtype(0));
  run.walk(0, plan.num_parallel, [&] {
    Scalar best{};
    std::int64_t position = -1;
    run.walk(plan.num_parallel, plan.num_loops(), [&] {
      const Scalar value = run.evaluate_body()[plan.body.results[0]];
      if (position >= 0 && !takes_over(op, kind, best, value)) return;
      best = value;
      position = run.domain().row_major(plan.num_parallel, plan.num_loops());
    });
    write_reduced(run, RDU_DTYPE_I64, of_integer(position));
  });
}

}  // namespace

void write_reduced(NodeRun& run, rdu_dtype accumulator, Scalar accumulated) {
  const Program& epilogue = run.plan().epilogue;
  if (epilogue.results.empty()) return run.write(0, accumulator, accumulated);
  const Scalar* registers = run.evaluate_epilogue(accumulated);
  for (std::uint32_t k = 0; k < epilogue.results.size(); ++k) {
    run.write(k, epilogue.result_dtype(k), registers[epilogue.results[k]]);
  }
}

plugin::Status run_reduce(NodeRun& run) {
  const NodePlan& plan = run.plan();
  if (!is_arg(plan.node->combine)) {
    reduce_values(run);
    return run.finish();
  }
  const bool no_points = run.domain().empty(plan.num_parallel, plan.num_loops());
  if (no_points && !run.domain().empty(0, plan.num_parallel)) {
    return run.fail(RDU_ERR_OUT_OF_RANGE, "argmin or argmax over no elements");
  }
  reduce_positions(run);
  return run.finish();
}

}  // namespace rdu::reference
