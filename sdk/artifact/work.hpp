// How much a graph computes, for people who ask where the time goes.
#pragma once

#include <rdu/graph.h>

#include <vector>

namespace rdu::artifact {

// Scalar operations of each node of a valid graph, by its number: at every point of its domain (bounded extents count
// as their bound) one per arithmetic instruction and per combine, and two for a product that a contraction adds up.
// Moving data is no work. Nodes of a scan's body count as often as it may run, those of a branch once.
std::vector<double> node_operations(const rdu_graph& graph);

}  // namespace rdu::artifact
