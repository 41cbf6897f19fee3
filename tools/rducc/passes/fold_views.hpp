// Lets readers of a transposed, sliced, expanded or padded tensor read the tensor itself.
#pragma once

#include "sdk/artifact/model.hpp"

namespace rducc::passes {

// A view is a map that moves elements and computes nothing. Its access is put in place of the
// reader's, through reshapes where sums of loops suffice, so that the copy is never made. A view
// stays where folding would cost more than the copy: a convolution keeps operands in the order of
// their dimensions, a product keeps one that has a contiguous direction, arithmetic keeps reads
// without division or tests at the border.
void fold_views(rdu::artifact::Variant& variant);

}  // namespace rducc::passes
