// Where the arguments of a program lie while it is measured.
#pragma once

#include <rdu_hw/driver.h>

#include <vector>

#include "tools/rdu/chip/chip_work.hpp"

namespace rdu::tool {

enum class Contents {
  kNone,  // times alone are wanted
  kZeros  // data and constants are what they are, everything that a run would bring is zero
};

// Fresh memory of the chip: scratch first, then each argument in its order. Words are those of the package, 0 in a bare image.
// Throws ToolError where the chip has no room, or a package names constants that the graph has not.
std::vector<rdu_hw_bound> bind_program(rdu_hw_chip* chip, const ChipProgram& program,
                                       const rdu_graph* graph, Contents contents);

}  // namespace rdu::tool
