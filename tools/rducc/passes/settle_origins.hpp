// What became of the nodes of the source model.
#pragma once

#include "sdk/artifact/model.hpp"

namespace rducc::passes {

// Gives every origin its fate. The importer and fold_constants have marked constants and views; a
// node that does the work of an origin wins over both. Of the others, those with a body are expanded,
// and the rest is unused.
void settle_origins(rdu::artifact::Variant& variant);

}  // namespace rducc::passes
