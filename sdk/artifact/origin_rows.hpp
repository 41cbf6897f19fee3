// What became of every node of the source model: the origins of a graph, turned round.
#pragma once

#include <rdu/graph.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace rdu::artifact {

// A node of the graph that does the work of an origin.
struct OriginPart {
  std::string node;
  std::uint32_t number = 0;  // in the graph's node list
  std::uint32_t pattern = 0;
  std::uint32_t section = 0;  // of the portable cut; of a node in a sub-graph the one that runs it
};

struct OriginRow {
  std::string name, op_type, domain;
  std::uint32_t fate = RDU_ORIGIN_COMPUTED;
  std::uint32_t parent = RDU_NONE;
  std::vector<OriginPart> parts;          // in the order of the graph
  std::vector<std::uint32_t> fused_with;  // other rows that share a part, ascending
};

// One per origin of a valid graph, in their order.
std::vector<OriginRow> origin_rows(const rdu_graph& graph);

// The section of the portable cut that runs each node of the graph.
std::vector<std::uint32_t> sections_of_nodes(const rdu_graph& graph);

// "computed", "constant", …
const char* fate_name(std::uint32_t fate);
// "contract with BatchNormalization, Relu", "reduce, map, reduce, map", "in contract conv1", "constant".
std::string became_text(std::span<const OriginRow> rows, std::uint32_t row);

// The rows of these numbers as a table for people. `devices` names what runs each node of the graph; without it the
// column is left out.
std::string origin_table(std::span<const OriginRow> rows, std::span<const std::uint32_t> shown,
                         std::span<const std::string> devices);

}  // namespace rdu::artifact
