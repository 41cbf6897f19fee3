// Counters as a file, so that a run and a picture of it may be made in different places.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "tools/rdu/chip/chip_work.hpp"

namespace rdu::tool {

// {"programs": [{"cycles", "clock_hz", "sections": [{…}], "contexts": [{…}], "links": [elements…], "spans": [[context, begin,
// end]…]}…]}; every number of rdu_hw_counters under its own name. The programs have counters.
std::string write_counters(const ChipWork& work);

// Puts the counters of a file into the programs that they are of. Throws ToolError where it is no such file, or of others.
void read_counters(std::span<const std::byte> file, const std::string& path, ChipWork& work);

}  // namespace rdu::tool
