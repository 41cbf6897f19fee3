// Computes what two nodes compute alike only once.
#pragma once

#include "sdk/artifact/model.hpp"

namespace rducc::passes {

// Equal constants become one value, and of nodes that read the same in the same way the first stays.
// Graph outputs keep their own node; so does everything random, and whatever runs a sub-graph.
void share_common(rdu::artifact::Variant& variant);

}  // namespace rducc::passes
