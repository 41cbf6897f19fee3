// Counts what a work costs: runs it on the emulated chip, timing only where that is enough.
#pragma once

#include "tools/rdu/chip/chip_work.hpp"

namespace rdu::tool {

enum class Trace { kOff, kOn };

// Puts counters into every program, with spans where they are wanted. A program whose times depend on values is run with them:
// constants are the graph's, and zeros stand for what a run would bring. Throws ToolError where a program cannot run.
void measure_work(ChipWork& work, Trace trace);

}  // namespace rdu::tool
