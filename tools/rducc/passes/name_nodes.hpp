// Gives every node of a variant a name of its own.
#pragma once

#include "sdk/artifact/model.hpp"

namespace rducc::passes {

// The first node keeps a name, later ones of the same name get ".1", ".2", … Values without a name
// are called after the node that writes them. Deterministic: names depend on the order alone.
void name_nodes(rdu::artifact::Variant& variant);

}  // namespace rducc::passes
