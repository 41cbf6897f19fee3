// Heavy contractions as several nodes, each for a range of their groups: what makes depthwise convolutions wide.
#pragma once

#include "tools/rducc/target/rdu/lower/regions.hpp"

namespace rducc::rdu::lower {

// Cycles of one compute unit, about.
double unit_cycles(const artifact::Variant& variant, const artifact::Node& node,
                   const rdu_hw_arch& arch);

// Nodes that take longer than their part of the chip warrants are cut along an outermost loop of their results.
Work split_groups(const Work& work, const rdu_hw_arch& arch);

}  // namespace rducc::rdu::lower
