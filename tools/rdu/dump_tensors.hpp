// All tensors of the source model that a run stores, as files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "tools/rdu/session.hpp"

namespace rdu::tool {

struct DumpCounts {
  std::size_t written = 0;
  std::size_t all =
      0;  // tensors of the model's nodes; the others were fused away or belong to a sub-graph
};

// Runs the artifact in `path` on `inputs`, in the order of its signature, and writes NAME.npy for each tensor (see
// file_stems). The session keeps its devices and gets another program. At most about `memory_bytes` of values are
// held at once; more need more runs.
DumpCounts dump_tensors(Session& session, const std::string& path, std::vector<HostTensor>& inputs,
                        const std::filesystem::path& dir, std::uint64_t memory_bytes);

}  // namespace rdu::tool
