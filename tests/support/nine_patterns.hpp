// A small model in which every pattern occurs, and most of what else an artifact can hold.
#pragma once

#include "sdk/artifact/model.hpp"

namespace rdu::testing {

// Two variants that share weights, a variable, a specialised input, a quantized weight, a bounded extent, a join, a
// reshape, sub-graphs, a second cut with a payload. Frozen: tests/golden/ holds what it looked like in version 0.1.
artifact::Model nine_patterns();

}  // namespace rdu::testing
