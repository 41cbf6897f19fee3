// Puts the operations of saturate(round(x / divisor) + zero point), as bytes, into one.
#pragma once

#include "plugins/cpu/body/body.hpp"

namespace rdu::cpu {

// Before slots are assigned. The result has the same bits.
void fuse_quantise(Body& body, const Kernels& kernels);

}  // namespace rdu::cpu
