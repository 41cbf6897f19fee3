// FlatBuffer → description and flat graphs. Structure only: what they mean is the validator's business.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "sdk/artifact/artifact.hpp"
#include "sdk/artifact/flat_graph.hpp"
#include "sdk/base/address_range.hpp"

namespace rdu::artifact {

// Where segments are: in the area of a file that follows the metadata, or each where the caller has it.
struct SegmentSource {
  std::span<const std::byte> area;
  std::uint64_t area_offset = 0;  // in the file
  std::optional<std::span<const std::span<const std::byte>>> given;
  bool may_be_absent = false;  // of the given: an empty one stands for bytes that nobody will read
};

struct Decoded {
  Description description;
  std::vector<std::vector<FlatGraph>> graphs;  // per signature and variant
  std::vector<base::AddressRange> absent;      // stand for the segments that are absent
};

// `metadata` begins at a multiple of 16 and outlives the result, which borrows names from it.
base::Result<Decoded> decode_metadata(std::span<const std::byte> metadata,
                                      const SegmentSource& source, const Limits& limits);

}  // namespace rdu::artifact
