// What the sections of a work take of a chip: a table, or JSON.
#pragma once

#include <string>

#include "tools/rdu/chip/chip_work.hpp"

namespace rdu::tool {

// Figures of programs without counters are "-".
std::string section_table(const ChipWork& work);
// One line: {"sections": [{"name", "setup", "pcus", "pmus", "agcus", "scratchpad_bytes", "crossing_bytes", and where somebody counted
// "cycles", "exec_cycles", "dram_bytes"}]}. What crosses is told where there is a graph (crossing.hpp).
std::string sections_json(const ChipWork& work);

}  // namespace rdu::tool
