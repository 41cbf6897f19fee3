// What goes before a section's contexts start.
#pragma once

#include <rdu_hw/arch.h>
#include <rdu_hw/config.h>

#include <cstdint>
#include <set>

#include "drivers/emu/sim/time.hpp"

namespace rdu_hw::emu {

// All units of the chip get their programs, used or not.
sim::Time program_load(const rdu_hw_arch& arch);
// The arguments that the section's contexts name.
std::set<std::uint32_t> arguments_of(const rdu_hw_image& image, std::uint32_t section);
// Of those, each once.
sim::Time argument_load(const rdu_hw_image& image, std::uint32_t section, const rdu_hw_arch& arch);

}  // namespace rdu_hw::emu
