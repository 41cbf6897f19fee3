// How long a section takes, about: what the compiler says before anything has run.
#pragma once

#include <cstdint>
#include <set>
#include <vector>

#include "tools/rducc/target/rdu/units.hpp"

namespace rducc::rdu {

// Cycles of a run of the section, its arguments loaded, its program there already. Each context is taken to begin when the first elements that it needs have come, and
// to end no earlier than its firings, and what those that feed it send last, allow; a unit's port and the memory are no faster than what all their
// contexts ask of them. Nothing is known of bank conflicts, rows of the memory, or waits for room.
std::uint64_t estimate_cycles(const Parts& parts, const std::vector<Unit>& units,
                              const std::vector<Argument>& arguments, const rdu_hw_arch& arch);

// Of these, about, the memory is at work so many, whatever else happens meanwhile.
double traffic_cycles(const Parts& parts, const std::vector<Argument>& arguments,
                      const rdu_hw_arch& arch);
// So many for these arguments alone.
double traffic_cycles(const Parts& parts, const std::vector<Argument>& arguments,
                      const std::set<std::uint32_t>& counted, const rdu_hw_arch& arch);

// Before a section whose program is not on the chip.
std::uint64_t program_load_cycles(const rdu_hw_arch& arch);

}  // namespace rducc::rdu
