// Does this plugin know everything that a section uses?
#pragma once

#include <cstdint>
#include <rdu/plugin/graph.hpp>
#include <string>

namespace rdu::reference {

// A reason; `detail` says which node and what.
std::uint32_t check_section(const plugin::Graph& graph, std::uint32_t section, std::string& detail);

}  // namespace rdu::reference
