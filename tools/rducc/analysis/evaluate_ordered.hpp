// Evaluation of the patterns that are not a function of each point alone.
#pragma once

#include "tools/rducc/analysis/evaluate.hpp"

namespace rducc::analysis {

void evaluate_filter(const rdu::artifact::Node& node, Memory& memory);
void evaluate_sort(const rdu::artifact::Node& node, Memory& memory);
void evaluate_scan(const rdu::artifact::Node& node, Memory& memory);
void evaluate_control(const rdu::artifact::Node& node, Memory& memory);

}  // namespace rducc::analysis
