// What the sections of a work take of a chip, a line for each.
#pragma once

#include <string>

#include "tools/rdu/chip/chip_work.hpp"

namespace rdu::tool {

// Figures of programs without counters are "-".
std::string section_table(const ChipWork& work);

}  // namespace rdu::tool
