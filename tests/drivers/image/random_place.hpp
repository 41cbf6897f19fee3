// Random seats for contexts and buffers.
#pragma once

#include "tests/drivers/image/random_sketch.hpp"

namespace image_test {

// Gives every context of the sketch a unit that has room for it, often one that has contexts already, and every buffer that is
// not pinned a place in a scratchpad. False where a chip is too small.
bool place(Sketch& sketch);

}  // namespace image_test
