// Seeded random programs that a given chip can run: what two engines are compared on.
#pragma once

#include <rdu_hw/arch.h>

#include <cstdint>

#include "drivers/image/program.hpp"

namespace image_test {

// The same seed gives the same program on every machine. The chip needs at least 4 × 4 units, three stages, 6 registers and
// four AGCUs; with a routed network every link gets a route. What a program computes does not depend on the order of units, but
// for words that two stores write to one place. Few programs never end: a path of a fork that meets the other again is too short,
// or a token that should go round is missing; and a few bring an extent that is out of its range.
rdu_hw::image::Program random_program(std::uint64_t seed, const rdu_hw_arch& arch);

}  // namespace image_test
