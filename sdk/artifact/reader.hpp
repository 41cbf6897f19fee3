// Opens artifacts. A file that breaks any rule is an error that says which and where; nothing is loaded partly.
#pragma once

#include <span>
#include <string>

#include "sdk/artifact/artifact.hpp"

namespace rdu::artifact {

base::Result<ArtifactPtr> open_artifact(const std::string& path, const OpenOptions& options = {});

// `file` is used in place and must outlive the artifact unless options.copy; in place it is 64-byte aligned.
base::Result<ArtifactPtr> open_artifact(std::span<const std::byte> file,
                                        const OpenOptions& options = {});

// From metadata_bytes() and the segments, wherever they are now. The metadata is copied; the segments too with
// options.copy, or are used in place, must outlive the artifact and be 64-byte aligned. Segments that follow the file's
// are ignored.
base::Result<ArtifactPtr> open_artifact(std::span<const std::byte> metadata,
                                        std::span<const std::span<const std::byte>> segments,
                                        const OpenOptions& options = {});

}  // namespace rdu::artifact
