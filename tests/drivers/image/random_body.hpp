// Random instructions for a PCU.
#pragma once

#include <rdu_hw/arch.h>

#include "drivers/image/program.hpp"
#include "tests/drivers/image/random.hpp"

namespace image_test {

// Instructions over the counters and inputs that `context` has, on stages of the chip; returns the register of the result.
std::uint32_t add_random_body(rdu_hw::image::Context& context, const rdu_hw_arch& arch,
                              Random& random);

}  // namespace image_test
