// Makes pooling of dequantised values pooling of integers.
#pragma once

#include "sdk/artifact/model.hpp"

namespace rducc::passes {

// A reduction of (x - z)·s with known z and s, read as it is, reads the integers. MAX and MIN meet in
// x's own dtype, for dequantisation keeps their order; sums of x - z meet in I32, exactly, where they
// cannot leave it. The epilogue begins with what dequantises the result.
void reduce_integers(rdu::artifact::Variant& variant);

}  // namespace rducc::passes
