// Makes products of dequantised operands products of integers.
#pragma once

#include "sdk/artifact/model.hpp"

namespace rducc::passes {

// A contraction of (x - zx)·sx and (w - zw)·sw, as DequantizeLinear leaves them, reads the integers:
// p = x - zx and q = w - zw meet in I32, exactly, and the epilogue begins with the factor sx·sw. What is
// read outside of x is its zero point, for padding is a real 0. A constant bias that is a multiple of
// the factor, as quantisers make it, joins the integer sum.
// Only where neither scale moves with a reduction loop and no sum of the products can leave I32.
void multiply_integers(rdu::artifact::Variant& variant);

}  // namespace rducc::passes
