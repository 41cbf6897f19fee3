// Counts what a work costs: runs it on the emulated chip, timing only.
#pragma once

#include "tools/rdu/chip/chip_work.hpp"

namespace rdu::tool {

enum class Trace { kOff, kOn };

// Puts counters into every program, with spans where they are wanted. Arguments lie where they are allocated one after
// another; words are those of the package, 0 in a bare image. Throws ToolError where a program cannot run, or where its
// times depend on values, which nobody has here.
void measure_work(ChipWork& work, Trace trace);

}  // namespace rdu::tool
