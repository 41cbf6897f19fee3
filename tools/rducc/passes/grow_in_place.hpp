// Makes a growing cache one value: what is appended is written into it, behind what is in use.
#pragma once

#include "sdk/artifact/model.hpp"

namespace rducc::passes {

// Until here a cache is two values, the one that a run finds and the one that it leaves, so that the
// passes need to know nothing of updates in place. They become one because the append writes only
// behind the first `length` positions: whoever reads the old cache by loops as long as that finds it
// unchanged at any time. Who asks where it ends (rules for what is outside) gets a copy.
void grow_in_place(rdu::artifact::Variant& variant);

}  // namespace rducc::passes
