// A picture of a chip with a program on it, as SVG: units coloured by graph node, routes, and how busy all of it was.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "tools/rdu/chip/chip_work.hpp"

namespace rdu::tool {

// The most sections that are drawn below each other.
inline constexpr std::uint32_t kMostSections = 16;

// Sections are counted through all programs of the work. Without a number the first kMostSections of them. Utilisation is
// drawn of programs that have counters. The same work gives the same text. Throws ToolError where there is no such section.
std::string draw_floorplan(const ChipWork& work, std::optional<std::uint32_t> section);

}  // namespace rdu::tool
