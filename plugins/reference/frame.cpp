// Running a range of nodes: dispatch by pattern, deadline, trace.
#include "plugins/reference/frame.hpp"

#include <time.h>

#include "plugins/reference/patterns.hpp"

namespace rdu::reference {
namespace {

using plugin::Status;

std::uint64_t now_ns() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000u +
         static_cast<std::uint64_t>(time.tv_nsec);
}

Status run_pattern(NodeRun& run) {
  const rdu_node& node = *run.plan().node;
  switch (node.pattern) {
    case RDU_PATTERN_MAP:
      return run_map(run);
    case RDU_PATTERN_REDUCE:
      return run_reduce(run);
    case RDU_PATTERN_GATHER:
      return node.combine == RDU_COMBINE_NONE ? run_map(run) : run_reduce(run);
    case RDU_PATTERN_CONTRACT:
      return run_contract(run);
    case RDU_PATTERN_SCATTER:
      return run_scatter(run);
    case RDU_PATTERN_SCAN:
      return run_scan(run);
    case RDU_PATTERN_FILTER:
      return run_filter(run);
    case RDU_PATTERN_SORT:
      return run_sort(run);
    case RDU_PATTERN_CONTROL:
      return run_control(run);
    default:
      return run.fail(RDU_ERR_UNSUPPORTED, plugin::concat("unknown pattern ", node.pattern));
  }
}

Status run_node(Frame& frame, const NodePlan& plan) {
  const Workspace::Scope scope(frame.workspace);
  NodeRun run(plan, frame);
  if (Status s = run.start(); !s.ok()) return s;
  return run_pattern(run);
}

}  // namespace

Status run_nodes(Frame& frame, std::uint32_t first, std::uint32_t end) {
  const bool tracing = frame.host->tracing(frame.host) != 0;
  for (std::uint32_t i = first; i < end; ++i) {
    const NodePlan& plan = frame.nodes[i];
    if (Status s = frame.stop.before(plan.node->name); !s.ok()) return s;
    const std::uint64_t begin_ns = tracing ? now_ns() : 0;
    if (Status s = run_node(frame, plan); !s.ok()) return s;
    if (!tracing) continue;
    const rdu_trace_span span{
        RDU_HEADER(rdu_trace_span), "reference", plan.node->name, begin_ns, now_ns(), nullptr};
    frame.host->trace(frame.host, &span);
  }
  return {};
}

}  // namespace rdu::reference
