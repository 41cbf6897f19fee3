// Random instructions for a PCU.
#pragma once

#include <rdu_hw/arch.h>

#include <vector>

#include "drivers/image/program.hpp"
#include "tests/drivers/image/random.hpp"

namespace image_test {

// Instructions over the counters and inputs that `context` has, and scalar arguments, on stages of the chip and sometimes the
// tail; returns the register of the result.
std::uint32_t add_random_body(rdu_hw::image::Context& context, const rdu_hw_arch& arch,
                              Random& random, const std::vector<std::uint32_t>& scalars = {});

}  // namespace image_test
