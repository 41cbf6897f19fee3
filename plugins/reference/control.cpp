// control: one of two sub-graphs, or a call of one.
#include <cstring>

#include "plugins/reference/patterns.hpp"

namespace rdu::reference {

plugin::Status run_control(NodeRun& run) {
  Frame& frame = run.frame();
  const plugin::Graph& graph = frame.graph;
  const rdu_node& node = *run.plan().node;
  const std::uint32_t taken = node.condition == RDU_NONE || frame.boolean(node.condition) ? 0 : 1;

  for (const rdu_port& port : run.plan().ports) {
    if (port.slot == taken && port.kind == RDU_PORT_CAPTURE)
      frame.data[port.inner_in] = frame.at(port.outer);
  }
  const rdu_subgraph& branch = graph.graphs()[node.graphs[taken]];
  if (plugin::Status s = run_nodes(frame, branch.first_node, branch.first_node + branch.num_nodes);
      !s.ok())
    return s;
  for (const rdu_port& port : run.plan().ports) {
    if (port.slot != taken || port.kind != RDU_PORT_RESULT) continue;
    const std::uint64_t bytes = graph.value(port.result).bytes;
    if (bytes != 0) std::memmove(frame.at(port.result), frame.at(port.inner_out), bytes);
  }
  return {};
}

}  // namespace rdu::reference
