// What the view adds to what the file stores: live ranges, and the values that cross the borders of sections.
#pragma once

#include <cstdint>

#include "sdk/artifact/flat_graph.hpp"

namespace rdu::artifact {

// `graph` is valid.
void complete_view(FlatGraph& graph);

// Bytes of the distinct constants that the graph has.
std::uint64_t weight_bytes(const FlatGraph& graph);

}  // namespace rdu::artifact
