// What this device takes and what it declines.
#pragma once

#include <cstdint>
#include <rdu/plugin.hpp>
#include <string>

namespace mapper {

// RDU_REASON_TAKEN where MapKernel can run the node; else the reason, and the place and the value seen in `detail`.
std::uint32_t judge(rdu::plugin::Graph graph, const rdu_node& node, std::string& detail);

}  // namespace mapper
