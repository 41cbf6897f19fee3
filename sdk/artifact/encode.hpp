// Model → FlatBuffer.
#pragma once

#include <cstddef>
#include <vector>

#include "sdk/artifact/flat_graph.hpp"
#include "sdk/artifact/segment_plan.hpp"

namespace rdu::artifact {

// `graphs` has one entry per signature and variant, in order, with the places of constants filled in; `payloads` one
// place per section with a payload, in order; `packed` one for each of the model's.
struct EncodeInput {
  const Model& model;
  const std::vector<std::vector<FlatGraph>>& graphs;
  const std::vector<Place>& payloads;
  const std::vector<Place>& packed;
  const std::vector<SegmentPlan::Segment>& segments;
};

base::Result<std::vector<std::byte>> encode_metadata(const EncodeInput& input);

}  // namespace rdu::artifact
