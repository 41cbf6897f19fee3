// filter: the row-major positions at which the body is true, ascending, and their count.
#include "plugins/reference/patterns.hpp"

namespace rdu::reference {

plugin::Status run_filter(NodeRun& run) {
  const NodePlan& plan = run.plan();
  const plugin::Graph& graph = run.frame().graph;
  const std::uint32_t kept = graph.writes(*plan.node)[0].value;
  const std::uint32_t count = graph.writes(*plan.node)[1].value;
  const std::int64_t bound = plugin::num_elements(graph.value(kept));
  std::byte* positions = run.frame().at(kept);

  std::int64_t num_kept = 0;
  run.walk(0, plan.num_loops(), [&] {
    if (run.evaluate_body()[plan.body.results[0]].i == 0) return;
    if (num_kept < bound) put(positions, num_kept, run.domain().row_major(0, plan.num_loops()));
    ++num_kept;
  });
  if (plugin::Status s = run.finish(); !s.ok()) return s;
  if (num_kept > bound) {
    return run.fail(RDU_ERR_OUT_OF_RANGE,
                    plugin::concat("keeps ", num_kept, " elements, '", graph.value(kept).name,
                                   "' has room for ", bound));
  }
  put(run.frame().at(count), 0, num_kept);
  return {};
}

}  // namespace rdu::reference
