// What an opened artifact owns. Private to sdk/artifact.
#pragma once

#include <vector>

#include "sdk/artifact/artifact.hpp"
#include "sdk/artifact/flat_graph.hpp"
#include "sdk/base/address_range.hpp"
#include "sdk/base/aligned_bytes.hpp"
#include "sdk/base/file_map.hpp"

namespace rdu::artifact {

struct Artifact::Contents {
  base::FileMap map;                       // of the file, or
  base::AlignedBytes copy;                 // of the file, or neither: the caller's memory
  base::AlignedBytes metadata;             // always our own: nobody can change what was verified
  std::shared_ptr<const void> segments;    // of segments that were given, where they were copied
  std::vector<base::AddressRange> absent;  // of segments that were not
  Description description;
  std::vector<std::vector<FlatGraph>> graphs;
  std::vector<std::vector<rdu_graph>> views;
};

}  // namespace rdu::artifact
