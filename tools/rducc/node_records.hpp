// What became of every node of the source model.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sdk/artifact/model.hpp"

namespace rducc {

// A node of the graph that does the work of a node of the source model.
struct PatternRecord {
  std::string node;
  rdu_pattern pattern = RDU_PATTERN_MAP;
  std::uint32_t section = 0;  // of the portable cut; for nodes of sub-graphs the one they run in
};

struct NodeRecord {
  std::string name, op_type, domain;
  std::uint32_t fate = RDU_ORIGIN_COMPUTED;
  std::vector<PatternRecord> patterns;
  std::vector<std::uint32_t> fused_with;  // other records that share a pattern node, ascending
};

// One per origin, in their order. The variant has a portable cut.
std::vector<NodeRecord> node_records(const rdu::artifact::Variant& variant);

}  // namespace rducc
