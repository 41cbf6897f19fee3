// What --report and --time-passes tell.
#pragma once

#include <string>

#include "tools/rducc/pipeline.hpp"

namespace rducc {

std::string report_json(const CompileReport& report);
// A table of seconds per pass, summed over the variants.
std::string pass_times(const CompileReport& report);

}  // namespace rducc
