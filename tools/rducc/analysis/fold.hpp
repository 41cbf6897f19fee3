// Computes nodes at compile time where everything that they read is known.
#pragma once

#include <span>

#include "sdk/artifact/model.hpp"

namespace rducc::analysis {

// Turns the values that the nodes write into constants and says true; does nothing and says false
// where an operand is not known or the work is not worth it. Nodes that write one value together
// (a join) must come together.
bool fold_nodes(rdu::artifact::Variant& variant, std::span<const rdu::artifact::Node> nodes);

}  // namespace rducc::analysis
