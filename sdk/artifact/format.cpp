// Reads and writes the prefix byte by byte, so that the host's byte order and padding do not matter.
#include "sdk/artifact/format.hpp"

#include <algorithm>

#include "sdk/base/checked.hpp"

namespace rdu::artifact {
namespace {

using base::Code;
using base::fail;

// A byte above 127, both line ends and an end-of-file mark: transfers that damage binary files damage this first.
constexpr std::array<unsigned char, 8> kMagic{0x89, 'R', 'D', 'U', '\r', '\n', 0x1a, '\n'};
constexpr std::size_t kChecksumAt = kPrefixBytes - 8;

class Cursor {
 public:
  explicit Cursor(std::byte* at) : at_(at) {}
  void put(std::uint64_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) *at_++ = static_cast<std::byte>(value >> (8 * i));
  }

 private:
  std::byte* at_;
};

std::uint64_t get(std::span<const std::byte> bytes, std::size_t at, int count) {
  std::uint64_t value = 0;
  for (int i = 0; i < count; ++i) value |= std::to_integer<std::uint64_t>(bytes[at + i]) << (8 * i);
  return value;
}

unsigned long long wide(std::uint64_t value) { return value; }

base::Result<void> check_sizes(const Prefix& prefix, std::uint64_t actual) {
  if (prefix.file_bytes != actual) {
    return fail(Code::kCorrupt, "the file has %llu bytes, its prefix says %llu", wide(actual),
                wide(prefix.file_bytes));
  }
  if (prefix.prefix_bytes < kPrefixBytes || prefix.prefix_bytes % 8 != 0 ||
      !base::range_within(prefix.prefix_bytes, prefix.metadata_bytes, actual)) {
    return fail(Code::kCorrupt, "metadata of %llu bytes at offset %u is not within %llu bytes",
                wide(prefix.metadata_bytes), prefix.prefix_bytes, wide(actual));
  }
  if (prefix.segments_offset % kSegmentAlignment != 0 || prefix.segments_offset > actual ||
      prefix.segments_offset < prefix.prefix_bytes + prefix.metadata_bytes) {
    return fail(Code::kCorrupt, "segments at offset %llu overlap the metadata or leave the file",
                wide(prefix.segments_offset));
  }
  return {};
}

}  // namespace

std::array<std::byte, kPrefixBytes> encode_prefix(const Prefix& prefix) {
  std::array<std::byte, kPrefixBytes> bytes{};
  std::transform(kMagic.begin(), kMagic.end(), bytes.begin(),
                 [](unsigned char c) { return static_cast<std::byte>(c); });
  Cursor cursor(bytes.data() + kMagic.size());
  cursor.put(prefix.container_version, 4);
  cursor.put(prefix.prefix_bytes, 4);
  cursor.put(prefix.metadata_bytes, 8);
  cursor.put(prefix.segments_offset, 8);
  cursor.put(prefix.file_bytes, 8);
  cursor.put(prefix.metadata_hash.low, 8);
  cursor.put(prefix.metadata_hash.high, 8);
  cursor.put(base::hash128(std::span(bytes).first(kChecksumAt)).low, 8);
  return bytes;
}

base::Result<Prefix> decode_prefix(std::span<const std::byte> file) {
  if (file.size() < kPrefixBytes) {
    return fail(Code::kCorrupt, "%zu bytes are fewer than the prefix of an artifact has (%zu)",
                file.size(), kPrefixBytes);
  }
  for (std::size_t i = 0; i < kMagic.size(); ++i) {
    if (std::to_integer<unsigned char>(file[i]) != kMagic[i]) {
      return fail(Code::kCorrupt, "not an artifact: byte %zu is 0x%02x and not 0x%02x", i,
                  std::to_integer<unsigned>(file[i]), kMagic[i]);
    }
  }
  Prefix prefix;
  prefix.container_version = static_cast<std::uint32_t>(get(file, 8, 4));
  if (prefix.container_version != kContainerVersion) {
    return fail(Code::kUnsupported, "container version %u; this library reads version %u",
                prefix.container_version, kContainerVersion);
  }
  if (get(file, kChecksumAt, 8) != base::hash128(file.first(kChecksumAt)).low) {
    return fail(Code::kCorrupt, "the prefix does not match its checksum");
  }
  prefix.prefix_bytes = static_cast<std::uint32_t>(get(file, 12, 4));
  prefix.metadata_bytes = get(file, 16, 8);
  prefix.segments_offset = get(file, 24, 8);
  prefix.file_bytes = get(file, 32, 8);
  prefix.metadata_hash = {get(file, 40, 8), get(file, 48, 8)};
  RDU_TRY(check_sizes(prefix, file.size()));
  return prefix;
}

}  // namespace rdu::artifact
