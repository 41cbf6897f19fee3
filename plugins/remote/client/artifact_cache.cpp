// Known by address, size and a checksum of the metadata.
#include "plugins/remote/client/artifact_cache.hpp"

#include <algorithm>
#include <rdu/plugin/graph.hpp>

#include "plugins/remote/wire/crc32c.hpp"

namespace rdu::remote::client {

using plugin::Result;

namespace {

bool same(const std::vector<rdu_bytes>& a, const std::vector<rdu_bytes>& b) {
  return std::equal(
      a.begin(), a.end(), b.begin(), b.end(),
      [](const rdu_bytes& x, const rdu_bytes& y) { return x.data == y.data && x.size == y.size; });
}

}  // namespace

Result<std::shared_ptr<const Shipment>> ArtifactCache::find(const rdu_graph_source& source) {
  std::vector<rdu_bytes> parts = {source.bytes};
  for (const rdu_bytes& segment : plugin::View<rdu_bytes>(source.segments))
    parts.push_back(segment);
  const std::uint32_t checksum =
      crc32c({static_cast<const std::byte*>(source.bytes.data), source.bytes.size});
  const std::lock_guard lock(mutex_);
  const auto found = std::find_if(known_.begin(), known_.end(), [&](const Known& known) {
    return known.checksum == checksum && same(known.parts, parts);
  });
  if (found != known_.end()) {
    known_.splice(known_.begin(), known_, found);
    return found->shipment;
  }
  Result<std::shared_ptr<const Shipment>> made = make_shipment(source);
  if (!made.ok()) return made;
  known_.push_front({std::move(parts), checksum, *made});
  if (known_.size() > kMostArtifacts) known_.pop_back();
  return made;
}

}  // namespace rdu::remote::client
