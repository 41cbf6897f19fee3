// Routes for programs whose units are placed: columns first, then rows, on the first wires that are free.
#pragma once

#include <rdu_hw/arch.h>

#include "drivers/image/program.hpp"

namespace image_test {

// False where the wires do not suffice. With an ideal network there is nothing to do.
bool route(rdu_hw::image::Section& section, const rdu_hw_arch& arch);

}  // namespace image_test
