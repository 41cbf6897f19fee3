// Why nothing moves, in words.
#pragma once

#include <span>
#include <string>

#include "drivers/emu/sim/unit.hpp"

namespace rdu_hw::sim {

// The units of one cycle of waiting, one line each, in the order of who waits for whom; without a cycle, the chain that ends at
// a unit that is done or at an end that no unit holds. At least one unit is blocked.
std::string describe_deadlock(std::span<Unit* const> units);

}  // namespace rdu_hw::sim
