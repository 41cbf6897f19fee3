// The graph table. Shown to nothing but the decode_*.cpp: it speaks FlatBuffers.
#pragma once

#include "graph_generated.h"
#include "sdk/artifact/artifact.hpp"
#include "sdk/artifact/decode_vector.hpp"
#include "sdk/artifact/flat_graph.hpp"

namespace rdu::artifact {

// Without sections, which come from the portable cut.
base::Result<FlatGraph> decode_graph(const fbs::Graph& graph, VectorReader& vectors,
                                     const std::vector<SegmentInfo>& segments);

}  // namespace rdu::artifact
