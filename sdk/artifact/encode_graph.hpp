// The graph table, shared by nothing but encode.cpp and encode_graph.cpp: it shows FlatBuffers types.
#pragma once

#include "graph_generated.h"
#include "sdk/artifact/flat_graph.hpp"

namespace rdu::artifact {

flatbuffers::Offset<fbs::Graph> encode_graph(flatbuffers::FlatBufferBuilder& builder,
                                             const FlatGraph& graph);

}  // namespace rdu::artifact
