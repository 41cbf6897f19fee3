// What must pass between memory and each section of a chip's programs: the least that a run can move, if every value that enters or leaves a
// section does so once. Told by the graph and by which nodes a section has, not by what its transfers do: a value that is handed on in scratchpads
// counts as well, and so nothing of it is in what was moved.
#pragma once

#include <cstdint>
#include <vector>

#include "tools/rdu/chip/chip_work.hpp"

namespace rdu::tool {

// Bytes of each section, through all programs in order; setup sections with the constants of their nodes. An element takes a word, or half of
// one in formats of two bytes; of what is looked up by index as many elements count as there are look-ups, at most all. Constants count in
// each section that uses them, also where they stay from run to run. Nothing for a work without a graph.
std::vector<std::uint64_t> crossing_bytes(const ChipWork& work);

}  // namespace rdu::tool
