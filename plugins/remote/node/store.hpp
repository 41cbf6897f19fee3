// Artifacts by their hash, on disk: chunks arrive in any order, survive a restart, and become an artifact when all are there.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "plugins/remote/node/file.hpp"
#include "plugins/remote/wire/hash.hpp"

namespace rdu::remote::node {

struct StoreLimits {
  std::uint64_t max_artifact_bytes = std::uint64_t{8} << 30;
  std::uint64_t max_total_bytes = std::uint64_t{32}
                                  << 30;  // what nobody uses goes when more is needed
  std::uint32_t max_chunk_bytes = 1u << 20;
};

// A finished artifact: one file in which every part begins at a page border.
struct StoredArtifact {
  struct Part {
    std::uint64_t offset = 0;
    std::uint64_t bytes = 0;
  };
  std::string path;
  std::vector<Part> parts;
};

// Two files an artifact: HASH.offer, what was offered, and HASH.data, or HASH.partial until every chunk is there. A chunk counts
// only when its bytes have its hash, so a partial file needs no list of what it holds: it is hashed when it is met again.
// Not for several threads.
class Store {
 public:
  // Makes the folder where it is missing, and looks at what is in it.
  static Result<Store> open(const std::string& folder, const StoreLimits& limits);

  // The chunks that are missing; none: the artifact is there. Refuses what does not add up, or for which no room can be made.
  Result<std::vector<std::uint32_t>> offer(const Offer& offer);
  // Refuses bytes that are not the chunk's. A chunk that is there already is fine.
  Status put(const Hash& artifact, std::uint32_t chunk, ByteSpan bytes);
  // Every chunk must be there. Afterwards the artifact is on disk.
  Status commit(const Hash& artifact);
  Result<StoredArtifact> find(const Hash& artifact);
  // Of an artifact that turned out to be no good.
  void remove(const Hash& artifact);

  // What is in use is never evicted. Counted.
  void pin(const Hash& artifact);
  void unpin(const Hash& artifact);

  std::uint64_t used_bytes() const { return used_bytes_; }
  std::size_t num_artifacts() const { return entries_.size(); }

 private:
  struct Entry {
    Offer offer;
    std::vector<ChunkPlace> places;
    std::vector<std::uint64_t> part_offsets;
    std::uint64_t file_bytes = 0;
    std::uint64_t last_use = 0;  // ascending
    std::uint32_t pins = 0;
    bool complete = false;
    Descriptor partial;         // open while chunks arrive
    std::vector<bool> present;  // by chunk; empty: not looked at since the start
    std::uint32_t num_missing = 0;
  };

  Store(std::string folder, const StoreLimits& limits)
      : folder_(std::move(folder)), limits_(limits) {}

  Result<Entry> describe(const Offer& offer) const;
  std::string path(const Hash& artifact, const char* suffix) const;
  Status look_around();
  Status adopt(const std::string& name);
  Status begin(const Hash& artifact, Entry& entry);
  Status look_at_partial(Entry& entry);
  Status make_room(std::uint64_t bytes);
  void touch(Entry& entry);
  std::uint64_t offset_of(const Entry& entry, std::uint32_t chunk) const;

  std::string folder_;
  StoreLimits limits_;
  std::map<Hash, Entry> entries_;
  std::uint64_t used_bytes_ = 0;
  std::uint64_t clock_ = 0;
};

}  // namespace rdu::remote::node
