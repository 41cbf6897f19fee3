// What --report and --time-passes tell.
#pragma once

#include <string>
#include <vector>

#include "tools/rducc/pipeline.hpp"

namespace rducc {

std::string report_json(const CompileReport& report);
// Seconds of each pass, summed over the variants.
std::vector<PassTime> pass_times(const CompileReport& report);

}  // namespace rducc
