// Writes constants of one element into the programs that load them.
#pragma once

#include "sdk/artifact/model.hpp"

namespace rducc::passes {

// A number in the code is cheaper than a read, and is seen by whoever looks for patterns in it. The
// two operands of a contraction stay reads.
void inline_scalars(rdu::artifact::Variant& variant);

}  // namespace rducc::passes
