// Puts the nodes into an order that needs little memory.
#pragma once

#include "sdk/artifact/model.hpp"

namespace rducc::passes {

// Greedy: of the nodes that can run, the one that leaves the least storage alive, the first in the
// old order among equals; the writers of a value that is half written come before all others, so
// that they end up in one section. The old order stays where the new one is not better.
void order_nodes(rdu::artifact::Variant& variant);

}  // namespace rducc::passes
