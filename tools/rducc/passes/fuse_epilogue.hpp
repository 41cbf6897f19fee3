// Lets a reduction or a contraction finish what follows it.
#pragma once

#include "sdk/artifact/model.hpp"

namespace rducc::passes {

// A map that is the only reader of a reduction's result, point for point, becomes its epilogue: bias,
// activation, residual, the place in a concatenation. A transposition that follows a product only
// reorders its loops. The fused node stands where the map stood, for there all its operands exist.
void fuse_epilogue(rdu::artifact::Variant& variant);

}  // namespace rducc::passes
