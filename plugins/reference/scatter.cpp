// scatter: out = base; out[A i] ⊕= f(in_k[A_k i]), in row-major order of the updates.
#include <cstring>

#include "plugins/reference/combine.hpp"
#include "plugins/reference/patterns.hpp"

namespace rdu::reference {

plugin::Status run_scatter(NodeRun& run) {
  const NodePlan& plan = run.plan();
  const Program& body = plan.body;
  const AccessPlan& target = plan.write(0);
  std::byte* out = run.frame().at(target.value);
  const std::byte* base = run.frame().at(plan.node->base);
  if (base != out) std::memcpy(out, base, run.frame().graph.value(target.value).bytes);

  const Kind kind = kind_of(target.dtype);
  run.walk(0, plan.num_loops(), [&] {
    const Scalar* registers = run.evaluate_body();
    const Location location = run.write_cursor(0).locate();
    if (location.filled) return;
    const Scalar update = cast(body.result_dtype(0), target.dtype, registers[body.results[0]]);
    const Scalar current = load(target.dtype, out, location.element);
    store(target.dtype, out, location.element,
          narrow(target.dtype, combine(plan.node->combine, kind, current, update)));
  });
  return run.finish();
}

}  // namespace rdu::reference
