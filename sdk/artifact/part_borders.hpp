// What crosses the borders of a range of sections, and what it needs to stand alone. Private to sdk/artifact.
#pragma once

#include <rdu/graph.h>

#include <cstdint>
#include <vector>

#include "sdk/artifact/model.hpp"

namespace rdu::artifact {

struct PartBorders {
  std::vector<ValueId> inputs;           // ascending, owners of their storage
  std::vector<ValueId> outputs;          // likewise
  std::vector<std::uint32_t> variables;  // those that are the part's, ascending
  std::vector<std::uint32_t> graphs;     // ascending: graph 0, and the sub-graphs of its nodes
  std::vector<bool> used;                // by value: the part refers to it
  std::vector<bool> known;               // by value: it may be an extent in the part
};

// Of nodes [first_node, end_node) of graph 0. `graph` is a complete view.
PartBorders part_borders(const rdu_graph& graph, std::uint32_t first_node, std::uint32_t end_node);

}  // namespace rdu::artifact
