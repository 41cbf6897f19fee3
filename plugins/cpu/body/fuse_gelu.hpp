// Puts the operations of GELU into one, in both its forms: by the error function and by tanh.
#pragma once

#include "plugins/cpu/body/body.hpp"

namespace rdu::cpu {

// Before slots are assigned. The scale inside of the function multiplies, also where the program divides.
void fuse_gelu(Body& body, const Kernels& kernels);

}  // namespace rdu::cpu
