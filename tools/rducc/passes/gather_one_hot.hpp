// Rows picked by number instead of multiplied by a row of zeros and a one.
#pragma once

#include "sdk/artifact/model.hpp"

namespace rducc::passes {

// A contraction of (classes == 0, 1, 2, ...) as floats with a constant matrix is a gather of its rows, and of zeros where
// there is no such class: embeddings are often exported so. Not where the matrix has what a sum of products would change:
// infinities, NaN, negative zeros.
void gather_one_hot(rdu::artifact::Variant& variant);

}  // namespace rducc::passes
