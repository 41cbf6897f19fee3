// The cuts of a variant as a range of its nodes sees them. Private to sdk/artifact.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "sdk/artifact/artifact.hpp"

namespace rdu::artifact {

struct PartCuts {
  std::vector<Cut> cuts;
  std::vector<std::span<const std::byte>>
      payloads;  // of the sections that have one, in order: where they lie
};

// [first_node, end_node) is made of whole portable sections. Of another cut, sections that lie within the range stay; in
// place of one that reaches beyond stand the portable ones. Nodes are counted from `first_node` on.
PartCuts cuts_within(const VariantInfo& variant, std::uint32_t first_node, std::uint32_t end_node);

}  // namespace rdu::artifact
