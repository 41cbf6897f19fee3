// Which values a node touches, and which nodes a range of nodes runs.
#pragma once

#include <rdu/plugin.hpp>
#include <vector>

#include "plugins/cpu/flow.hpp"

namespace rdu::cpu {

// Every value that the node reads: operands, index sources, fills, extents, bases, conditions, what ports take from
// outside. Values may come up several times.
void visit_reads(const plugin::Graph& graph, const rdu_node& node,
                 FunctionRef<void(std::uint32_t)> visit);

// Every value that the node writes, the results of its ports included.
void visit_writes(const plugin::Graph& graph, const rdu_node& node,
                  FunctionRef<void(std::uint32_t)> visit);

// The node and, for scan and control, all nodes of its sub-graphs.
void visit_nested(const plugin::Graph& graph, const rdu_node& node,
                  FunctionRef<void(const rdu_node&)> visit);

}  // namespace rdu::cpu
