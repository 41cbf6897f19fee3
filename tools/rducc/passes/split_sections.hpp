// Cuts a variant into the portable sections.
#pragma once

#include "sdk/artifact/model.hpp"

namespace rducc::passes {

// The portable cut is the finest that makes sense: one section per node, but nodes that only make
// sense together (the writers of one join) are one. Whatever a target's cut looks like, its sections
// are unions of these.
void split_sections(rdu::artifact::Variant& variant);

}  // namespace rducc::passes
