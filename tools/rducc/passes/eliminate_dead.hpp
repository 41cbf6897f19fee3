// Removes nodes whose results nobody reads, and values that nothing names.
#pragma once

#include "sdk/artifact/model.hpp"

namespace rducc::passes {

// Backwards from the outputs and the variables, in every graph. Values that are left without a name
// in any node, signature or shape are dropped and the rest renumbered in their old order, so that an
// artifact holds no weight that it does not use. Inputs of the model that nothing reads stay in the
// signature and have no value.
void eliminate_dead(rdu::artifact::Variant& variant);

// The last of it alone: values that nothing names.
void drop_values(rdu::artifact::Variant& variant);

}  // namespace rducc::passes
