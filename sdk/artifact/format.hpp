// The file around the metadata: a fixed prefix, the FlatBuffer, then page-aligned segments.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "sdk/base/hash.hpp"
#include "sdk/base/result.hpp"

namespace rdu::artifact {

inline constexpr std::uint32_t kContainerVersion = 1;
inline constexpr std::size_t kPrefixBytes = 64;
inline constexpr std::uint64_t kSegmentAlignment = 4096;
inline constexpr std::uint64_t kConstantAlignment = 64;

// Little-endian on disk, in this order after the eight bytes of magic, closed by a checksum of all before it.
struct Prefix {
  std::uint32_t container_version = kContainerVersion;
  std::uint32_t prefix_bytes = kPrefixBytes;  // where the metadata begins
  std::uint64_t metadata_bytes = 0;
  std::uint64_t segments_offset = 0;
  std::uint64_t file_bytes = 0;
  base::Hash128 metadata_hash;
};

std::array<std::byte, kPrefixBytes> encode_prefix(const Prefix& prefix);

// Checks everything that can be known from the prefix and the file's size.
base::Result<Prefix> decode_prefix(std::span<const std::byte> file);

}  // namespace rdu::artifact
