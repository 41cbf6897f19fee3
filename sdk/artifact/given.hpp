// Artifacts whose metadata and segments lie apart. Private to sdk/artifact.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "sdk/artifact/artifact.hpp"

namespace rdu::artifact {

struct GivenSegments {
  std::vector<std::span<const std::byte>> bytes;
  std::shared_ptr<const void> owner;  // of `bytes`; none: the caller
  bool may_be_absent = false;  // then one without data stands for bytes that nobody will read
};

// Copies them with options.copy.
base::Result<GivenSegments> take_segments(std::span<const std::span<const std::byte>> segments,
                                          const OpenOptions& options);

// May throw std::bad_alloc and std::length_error.
base::Result<ArtifactPtr> open_given(std::span<const std::byte> metadata,
                                     const GivenSegments& given, const OpenOptions& options);

}  // namespace rdu::artifact
