// The nine patterns, one function and one file each.
#pragma once

#include "plugins/reference/node_run.hpp"

namespace rdu::reference {

plugin::Status run_map(NodeRun& run);     // and gather without a combine
plugin::Status run_reduce(NodeRun& run);  // and gather with one
plugin::Status run_contract(NodeRun& run);
plugin::Status run_scatter(NodeRun& run);
plugin::Status run_scan(NodeRun& run);
plugin::Status run_filter(NodeRun& run);
plugin::Status run_sort(NodeRun& run);
plugin::Status run_control(NodeRun& run);

// Ends a reduction at the current parallel point: epilogue and writes, or the accumulator where there is no epilogue.
void write_reduced(NodeRun& run, rdu_dtype accumulator, Scalar accumulated);

}  // namespace rdu::reference
