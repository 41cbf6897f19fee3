// Checks sizes, order and places before the first piece is handed out.
#include "plugins/cpu/packed/file.hpp"

#include <algorithm>
#include <cstring>
#include <rdu/plugin.hpp>

namespace rdu::cpu {
namespace {

using plugin::concat;

std::string check_header(std::span<const std::byte> bytes, PackedHeader& header) {
  if (bytes.size() < sizeof header) return concat(bytes.size(), " bytes are too few");
  std::memcpy(&header, bytes.data(), sizeof header);
  if (header.magic != kPackedMagic) return "they are not of this plugin";
  if (header.version != kPackedVersion) {
    return concat("their version is ", header.version, ", this plugin's ", kPackedVersion);
  }
  if (header.bytes != bytes.size()) {
    return concat("they are ", bytes.size(), " bytes, ", header.bytes, " are expected");
  }
  if (header.count > (bytes.size() - sizeof header) / sizeof(PackedEntry)) {
    return concat("there is no room for a table of ", header.count, " pieces");
  }
  if (reinterpret_cast<std::uintptr_t>(bytes.data()) % kPackedAlignment != 0) {
    return "they are not aligned to 64 bytes";
  }
  return {};
}

std::string check_entries(std::span<const PackedEntry> entries, std::uint64_t size) {
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const PackedEntry& entry = entries[i];
    if (entry.offset % kPackedAlignment != 0 || entry.offset > size ||
        entry.bytes > size - entry.offset) {
      return concat("piece ", i, ": ", entry.bytes, " bytes at ", entry.offset, " of ", size);
    }
    if (i > 0 && !(entries[i - 1].key < entry.key)) return concat("piece ", i, " is out of order");
  }
  return {};
}

}  // namespace

PackedFile::PackedFile(std::span<const std::byte> bytes, std::string& trouble) {
  PackedHeader header{};
  trouble = check_header(bytes, header);
  if (!trouble.empty()) return;
  const std::span entries(reinterpret_cast<const PackedEntry*>(bytes.data() + sizeof header),
                          header.count);
  trouble = check_entries(entries, bytes.size());
  if (!trouble.empty()) return;
  bytes_ = bytes;
  entries_ = entries;
}

const std::byte* PackedFile::find(const PackedKey& key, std::uint64_t bytes) const {
  const auto found = std::ranges::lower_bound(entries_, key, {}, &PackedEntry::key);
  if (found == entries_.end() || found->key != key || found->bytes != bytes) return nullptr;
  return bytes_.data() + found->offset;
}

}  // namespace rdu::cpu
