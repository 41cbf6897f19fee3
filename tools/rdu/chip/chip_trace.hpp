// The run of a work on a chip as a trace: its sections, its busy units, its memory.
#pragma once

#include <string>

#include "tools/rdu/chip/chip_work.hpp"

namespace rdu::tool {

// The most busy spans of a trace; beyond, the shortest gaps of each context are bridged.
inline constexpr std::size_t kMostBusySpans = 100'000;

// Programs follow each other without the host's time between them. A track for each section with its four phases, one or
// more for each unit that was busy, values for DRAM traffic and for what runs. Throws ToolError where a program has no counters.
std::string trace_chip(const ChipWork& work);

}  // namespace rdu::tool
