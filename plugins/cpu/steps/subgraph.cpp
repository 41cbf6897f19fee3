// Sub-graphs: steps of their own, temporaries side by side.
#include "plugins/cpu/steps/subgraph.hpp"

#include <algorithm>
#include <rdu/plugin/stop.hpp>

#include "plugins/cpu/access/integer.hpp"

namespace rdu::cpu {

plugin::Status may_begin(const Run& run, const std::string& node) {
  return run.stop == nullptr ? plugin::Status() : run.stop->before(node.c_str());
}

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
    if (plugin::Status status = may_begin(run, step->name); !status.ok()) return status;
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
