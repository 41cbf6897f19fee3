// Lets 8 bits cross where 32 did.
#pragma once

#include "sdk/artifact/model.hpp"

namespace rducc::passes {

// A map that dequantises with known parameters is computed by each of its readers: reading its operand
// costs a quarter of what reading its result would, and the four operations are cheap. Reductions over
// windows keep their operand, for they would dequantise it once per window; so do contractions, whose
// operands are what a library multiplies.
void inline_dequantised(rdu::artifact::Variant& variant);

// A contraction of real numbers with quantised weights keeps them as they are stored: q dequantises.
void inline_weights(rdu::artifact::Variant& variant);

}  // namespace rducc::passes
