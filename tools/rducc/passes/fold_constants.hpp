// Computes what became known since the nodes were built.
#pragma once

#include "sdk/artifact/model.hpp"

namespace rducc::passes {

// Nodes whose operands are all constants become constants, joins as a whole. What a graph gives back
// stays a node's result: an output is never a constant.
// Weights stay as narrow as they are stored (analysis::Widening).
void fold_constants(rdu::artifact::Variant& variant);

// Folds small ones too that were left narrow for the sake of a product of integers, which has them not.
void fold_widened(rdu::artifact::Variant& variant);

}  // namespace rducc::passes
