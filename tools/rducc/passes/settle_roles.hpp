// Says what each parallel loop of a contraction is, from what moves with it.
#pragma once

#include "sdk/artifact/model.hpp"

namespace rducc::passes {

// Batch where both operands move, M or N where one does. The importer names loops after the operator;
// after views are folded and operands are broadcast less may move: rows of a batch that share their
// weights are simply rows.
void settle_roles(rdu::artifact::Variant& variant);

}  // namespace rducc::passes
