// What --report and --time-passes tell.
#pragma once

#include <string>
#include <vector>

#include "tools/rducc/pipeline.hpp"

namespace rducc {

std::string report_json(const CompileReport& report);
// For people: a line per node of the source model, variant by variant.
std::string report_table(const CompileReport& report);
// Seconds of each pass, summed over the variants.
std::vector<PassTime> pass_times(const CompileReport& report);

}  // namespace rducc
