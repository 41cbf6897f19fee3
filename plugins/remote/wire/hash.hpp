// BLAKE2b-256, and what an artifact is called by: the hashes of its chunks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <rdu/plugin/status.hpp>
#include <span>
#include <string>
#include <vector>

#include "plugins/remote/wire/messages.hpp"

namespace rdu::remote {

Hash hash_of(std::span<const std::byte> bytes);

// Of several pieces, as if they lay one behind the other.
class Hasher {
 public:
  Hasher();
  void add(std::span<const std::byte> bytes);
  Hash finish();

 private:
  alignas(64) std::byte state_[384];
};

// Where a chunk lies. Chunks never span parts; each part's last one is shorter where it must be.
struct ChunkPlace {
  std::uint32_t part = 0;
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
};

// Every chunk in order. Fails where the parts are too many or too large to be numbered by 32 bits.
plugin::Result<std::vector<ChunkPlace>> chunk_places(std::span<const std::uint64_t> part_bytes,
                                                     std::uint32_t chunk_bytes);

// The name of an artifact whose chunks have these hashes.
Hash artifact_hash(std::uint32_t chunk_bytes, std::span<const std::uint64_t> part_bytes,
                   std::span<const Hash> chunks);

// An OFFER of `parts`, hashed.
plugin::Result<Offer> make_offer(std::span<const std::span<const std::byte>> parts,
                                 std::uint32_t chunk_bytes);

// An OFFER that came in: as many chunks as its sizes need, and a name that is theirs.
plugin::Result<std::vector<ChunkPlace>> check_offer(const Offer& offer,
                                                    std::uint64_t max_artifact_bytes,
                                                    std::uint64_t max_chunk_bytes);

std::string to_hex(std::span<const std::uint8_t> bytes);

}  // namespace rdu::remote
