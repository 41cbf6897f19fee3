// Whether the arguments of an image are bound to memory that is there.
#pragma once

#include <span>
#include <string>

#include "drivers/emu/chip/chip.hpp"

namespace rdu_hw::emu {

// What is wrong with them, empty if nothing is. Regions may lie anywhere and overlap.
std::string find_fault(const rdu_hw_image& image, std::span<const Binding> bindings,
                       std::span<const Memory, kNumTiers> memory, bool values);

}  // namespace rdu_hw::emu
