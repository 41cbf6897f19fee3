// Seeded random programs that a given chip can run: what two engines are compared on.
#pragma once

#include <rdu_hw/arch.h>

#include <cstdint>

#include "drivers/image/program.hpp"

namespace image_test {

// The same seed gives the same program on every machine. The chip needs at least 2 × 2 units, 6 registers and
// two AGCUs; with a routed network every link gets a route. Words and dense transfers only.
rdu_hw::image::Program random_program(std::uint64_t seed, const rdu_hw_arch& arch);

}  // namespace image_test
