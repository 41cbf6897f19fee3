// Computes what became known since the nodes were built.
#pragma once

#include "sdk/artifact/model.hpp"

namespace rducc::passes {

// Nodes whose operands are all constants become constants, joins as a whole. What a graph gives back
// stays a node's result: an output is never a constant.
void fold_constants(rdu::artifact::Variant& variant);

}  // namespace rducc::passes
