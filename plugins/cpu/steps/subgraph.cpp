// Sub-graphs: steps of their own, temporaries side by side.
#include "plugins/cpu/steps/subgraph.hpp"

#include <algorithm>

#include "plugins/cpu/access/integer.hpp"

namespace rdu::cpu {

Subgraph::Subgraph(const BuildContext& context, std::uint32_t graph) {
  for (const rdu_node& node : context.graph.nodes(context.graph.graphs()[graph])) {
    steps_.push_back(make_step(context, node));
    const Step& step = *steps_.back();
    workspace_bytes_ = std::max(workspace_bytes_, step.workspace_bytes());
    temporary_bytes_ += align_up(step.temporary_bytes(), 64);
    resident_bytes_ += step.resident_bytes();
    parallel_ = parallel_ || step.parallel();
  }
}

plugin::Status Subgraph::run(const Run& run) const {
  for (const auto& step : steps_) {
    if (plugin::Status status = step->run(run); !status.ok()) return status;
    if (run.fault->seen.load()) return {};
  }
  return {};
}

void Subgraph::place_temporary(std::uint64_t offset) {
  for (const auto& step : steps_) {
    step->place_temporary(offset);
    offset += align_up(step->temporary_bytes(), 64);
  }
}

}  // namespace rdu::cpu
