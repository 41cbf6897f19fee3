// Nodes that no kernel computes as nodes that kernels do: phases of accesses that hold only where a division is exact, positions that are
// clamped or reflected, iterations of scans.
#pragma once

#include "tools/rducc/target/rdu/lower/regions.hpp"

namespace rducc::rdu::lower {

// Appends to work.nodes what computes the node; new values go to work.variant. Throws Decline.
void expand(Work& work, const artifact::Node& node);

// Phases of the loops that an exact access divides: a loop of the node where they are alike, else a node for each.
std::vector<artifact::Node> split_phases(const artifact::Node& node);

// With tables of the package where positions outside are clamped or reflected. What a contraction reads so is copied first, by a node before it.
std::vector<artifact::Node> tabulate_positions(artifact::Variant& variant,
                                               const artifact::Node& node);

// The iterations of a scan one after another; the nodes may be scans themselves.
std::vector<artifact::Node> unroll_scan(artifact::Variant& variant, const artifact::Node& node);

}  // namespace rducc::rdu::lower
