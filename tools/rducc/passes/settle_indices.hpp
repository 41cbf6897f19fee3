// Indices that are known, or that a view only moves, become part of the access.
#pragma once

#include "sdk/artifact/model.hpp"

namespace rducc::passes {

// An index read from a view is read from what the view shows: a scatter by an index that was expanded over rows moves
// whole rows. One read from a constant becomes a sum of loops where its values are one, as those of slices and windows
// that an exporter spelled out as gathers and scatters are. Positions that leave the tensor stay for a run to report.
void settle_indices(rdu::artifact::Variant& variant);

}  // namespace rducc::passes
