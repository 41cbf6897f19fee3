// Moves a per-channel factor behind a contraction into its weights.
#pragma once

#include "sdk/artifact/model.hpp"

namespace rducc::passes {

// Batch normalisation after a convolution is acc·scale + shift, with bias before and constants on all
// sides: the sums and products of constants at the start of an epilogue become one factor, which goes
// into the weights, and one summand. Done in double and rounded once. Only where the weights have no
// other reader, and where the factor varies along one of their own dimensions or not at all.
void fold_scales(rdu::artifact::Variant& variant);

}  // namespace rducc::passes
