// Elementwise f32 nodes of a graph view, computed directly.
#pragma once

#include <rdu/graph.h>

#include <cstdint>
#include <map>

namespace rdu::test {

// Where the host bound each storage.
using Addresses = std::map<std::uint32_t, float*>;

// false: a value that the node uses is not bound.
bool run_node(const rdu_graph& graph, const Addresses& bound, const rdu_node& node);

}  // namespace rdu::test
