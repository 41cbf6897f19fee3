// Puts the operations of x * 1 / (1 + exp(-x)) into one.
#pragma once

#include "plugins/cpu/body/body.hpp"

namespace rdu::cpu {

// Before slots are assigned. The result has the same bits.
void fuse_swish(Body& body, const Kernels& kernels);

}  // namespace rdu::cpu
