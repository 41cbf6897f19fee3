// libsodium's BLAKE2b behind our names; sizes are little-endian in what is hashed.
#include "plugins/remote/wire/hash.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <new>

#include "plugins/remote/wire/codec.hpp"
#include "plugins/remote/wire/prefix.hpp"
#include "plugins/remote/wire/sodium.hpp"

namespace rdu::remote {
namespace {

using plugin::fail;
using plugin::Result;

constexpr std::size_t kMaxChunks = kMaxListHeaderBytes / sizeof(Hash) - 1024;

crypto_generichash_state* state_in(std::byte* bytes) {
  return reinterpret_cast<crypto_generichash_state*>(bytes);
}

template <class T>
void add_number(Hasher& hasher, T value) {
  std::array<std::byte, sizeof(T)> bytes;
  for (std::size_t i = 0; i < sizeof(T); ++i) bytes[i] = static_cast<std::byte>(value >> (8 * i));
  hasher.add(bytes);
}

}  // namespace

Hasher::Hasher() {
  static_assert(sizeof state_ >= sizeof(crypto_generichash_state));
  static_assert(alignof(crypto_generichash_state) <= 64);
  prepare_sodium();
  crypto_generichash_init(state_in(state_), nullptr, 0, sizeof(Hash));
}

void Hasher::add(std::span<const std::byte> bytes) {
  crypto_generichash_update(state_in(state_), reinterpret_cast<const unsigned char*>(bytes.data()),
                            bytes.size());
}

Hash Hasher::finish() {
  Hash hash;
  crypto_generichash_final(state_in(state_), hash.data(), hash.size());
  return hash;
}

Hash hash_of(std::span<const std::byte> bytes) {
  Hasher hasher;
  hasher.add(bytes);
  return hasher.finish();
}

Result<std::vector<ChunkPlace>> chunk_places(std::span<const std::uint64_t> part_bytes,
                                             std::uint32_t chunk_bytes) {
  if (chunk_bytes == 0) return fail(RDU_ERR_INVALID_ARGUMENT, "chunks of 0 bytes");
  if (part_bytes.empty() || part_bytes.size() > kMaxParts) {
    return fail(RDU_ERR_INVALID_ARGUMENT, part_bytes.size(), " parts, expected 1 to ", kMaxParts);
  }
  std::vector<ChunkPlace> places;
  for (std::uint32_t part = 0; part < part_bytes.size(); ++part) {
    const std::uint64_t bytes = part_bytes[part];
    const std::uint64_t chunks = bytes / chunk_bytes + (bytes % chunk_bytes != 0 ? 1 : 0);
    if (chunks > kMaxChunks - places.size()) {
      return fail(RDU_ERR_LIMIT_EXCEEDED, "an artifact of more than ", kMaxChunks, " chunks of ",
                  chunk_bytes, " bytes");
    }
    for (std::uint64_t offset = 0; offset < bytes; offset += chunk_bytes) {
      places.push_back({part, offset, std::min<std::uint64_t>(chunk_bytes, bytes - offset)});
    }
  }
  return places;
}

Hash artifact_hash(std::uint32_t chunk_bytes, std::span<const std::uint64_t> part_bytes,
                   std::span<const Hash> chunks) {
  Hasher hasher;
  add_number(hasher, chunk_bytes);
  add_number(hasher, static_cast<std::uint32_t>(part_bytes.size()));
  for (const std::uint64_t bytes : part_bytes) add_number(hasher, bytes);
  hasher.add(std::as_bytes(chunks));
  return hasher.finish();
}

Result<Offer> make_offer(std::span<const std::span<const std::byte>> parts,
                         std::uint32_t chunk_bytes) {
  Offer offer;
  offer.chunk_bytes = chunk_bytes;
  for (const auto& part : parts) offer.part_bytes.push_back(part.size());
  const Result<std::vector<ChunkPlace>> places = chunk_places(offer.part_bytes, chunk_bytes);
  if (!places.ok()) return places.status();
  for (const ChunkPlace& place : *places) {
    offer.chunks.push_back(hash_of(parts[place.part].subspan(place.offset, place.bytes)));
  }
  offer.artifact = artifact_hash(chunk_bytes, offer.part_bytes, offer.chunks);
  return offer;
}

Result<std::vector<ChunkPlace>> check_offer(const Offer& offer, std::uint64_t max_artifact_bytes,
                                            std::uint64_t max_chunk_bytes) {
  std::uint64_t total = 0;
  for (const std::uint64_t bytes : offer.part_bytes) {
    if (bytes > max_artifact_bytes - total) {
      return fail(RDU_ERR_LIMIT_EXCEEDED, "an artifact of more than ", max_artifact_bytes,
                  " bytes");
    }
    total += bytes;
  }
  if (offer.chunk_bytes > max_chunk_bytes) {
    return fail(RDU_ERR_LIMIT_EXCEEDED, "chunks of ", offer.chunk_bytes, " bytes, at most ",
                max_chunk_bytes);
  }
  Result<std::vector<ChunkPlace>> places = chunk_places(offer.part_bytes, offer.chunk_bytes);
  if (!places.ok()) return places;
  if (places->size() != offer.chunks.size()) {
    return fail(RDU_ERR_INVALID_ARGUMENT, offer.chunks.size(), " hashes for ", places->size(),
                " chunks");
  }
  if (artifact_hash(offer.chunk_bytes, offer.part_bytes, offer.chunks) != offer.artifact) {
    return fail(RDU_ERR_INVALID_ARGUMENT, "an artifact's name is not the hash of its chunks");
  }
  return places;
}

std::string to_hex(std::span<const std::uint8_t> bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

}  // namespace rdu::remote
