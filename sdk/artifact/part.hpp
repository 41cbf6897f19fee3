// Sections of one variant as an artifact of its own: what one device of several needs to run its share.
#pragma once

#include <cstdint>
#include <span>

#include "sdk/artifact/artifact.hpp"

namespace rdu::artifact {

// Sections [first, end) of the portable cut.
struct PartRange {
  std::uint32_t signature = 0;
  std::uint32_t variant = 0;
  std::uint32_t first = 0;
  std::uint32_t end = 0;
};

// Of the artifact that has this metadata. <rdu/artifact.h>, rdu_artifact_open_part, says what the part is like. A segment
// that it does not need may be without data. Lifetimes are those of open_artifact from metadata and segments.
base::Result<ArtifactPtr> open_part(std::span<const std::byte> metadata,
                                    std::span<const std::span<const std::byte>> segments,
                                    const PartRange& range, const OpenOptions& options = {});

}  // namespace rdu::artifact
