// .npz archives: the central directory of a zip file, its entries stored or deflated.
// Format: PKWARE's APPNOTE.TXT, sections 4.3.7, 4.3.12 and 4.3.16; no zip64, no encryption.
#include <zlib.h>

#include <cstring>

#include "tools/rdu/error.hpp"
#include "tools/rdu/io/file.hpp"
#include "tools/rdu/io/npy.hpp"

namespace rdu::tool {

namespace {

using Bytes = std::span<const std::byte>;

constexpr std::uint32_t kEndOfDirectory = 0x06054b50;
constexpr std::uint32_t kDirectoryEntry = 0x02014b50;
constexpr std::uint32_t kLocalEntry = 0x04034b50;
constexpr std::uint64_t kMaxEntryBytes = std::uint64_t{1} << 32;

template <typename T>
T load(Bytes bytes, std::uint64_t at) {
  if (at > bytes.size() || bytes.size() - at < sizeof(T)) {
    throw ToolError("not a .npz file: it ends at byte " + std::to_string(bytes.size()));
  }
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof(T));
  return value;
}

Bytes part(Bytes bytes, std::uint64_t at, std::uint64_t size) {
  if (at > bytes.size() || bytes.size() - at < size) {
    throw ToolError("not a .npz file: an entry lies outside of it");
  }
  return bytes.subspan(at, size);
}

std::uint64_t find_end_of_directory(Bytes bytes) {
  constexpr std::uint64_t kSize = 22;
  if (bytes.size() >= kSize) {
    const std::uint64_t last = bytes.size() - kSize;
    const std::uint64_t first = last > 65535 ? last - 65535 : 0;
    for (std::uint64_t at = last + 1; at-- > first;) {
      if (load<std::uint32_t>(bytes, at) == kEndOfDirectory) return at;
    }
  }
  throw ToolError("not a .npz file: it has no zip directory");
}

std::vector<std::byte> inflate_entry(Bytes packed, std::uint64_t size) {
  std::vector<std::byte> out(size);
  z_stream stream = {};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) throw ToolError("zlib cannot start");
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int result = inflate(&stream, Z_FINISH);
  const bool whole = result == Z_STREAM_END && stream.total_out == size;
  inflateEnd(&stream);
  if (!whole) throw ToolError("a .npz entry is damaged");
  return out;
}

struct ZipEntry {
  std::string name;
  std::uint16_t method = 0;
  std::uint32_t packed_bytes = 0;
  std::uint32_t bytes = 0;
  std::uint32_t local_at = 0;
  std::uint64_t next_at = 0;
};

ZipEntry read_directory_entry(Bytes bytes, std::uint64_t at) {
  if (load<std::uint32_t>(bytes, at) != kDirectoryEntry) {
    throw ToolError("not a .npz file: its zip directory is damaged");
  }
  ZipEntry entry;
  entry.method = load<std::uint16_t>(bytes, at + 10);
  entry.packed_bytes = load<std::uint32_t>(bytes, at + 20);
  entry.bytes = load<std::uint32_t>(bytes, at + 24);
  const auto name_bytes = load<std::uint16_t>(bytes, at + 28);
  const auto extra_bytes = load<std::uint16_t>(bytes, at + 30);
  const auto comment_bytes = load<std::uint16_t>(bytes, at + 32);
  entry.local_at = load<std::uint32_t>(bytes, at + 42);
  const Bytes name = part(bytes, at + 46, name_bytes);
  entry.name.assign(reinterpret_cast<const char*>(name.data()), name.size());
  entry.next_at = at + 46 + name_bytes + extra_bytes + comment_bytes;
  return entry;
}

HostTensor read_entry(Bytes bytes, const ZipEntry& entry) {
  if (load<std::uint32_t>(bytes, entry.local_at) != kLocalEntry) {
    throw ToolError("not a .npz file: entry '" + entry.name + "' is not where it should be");
  }
  const std::uint64_t data_at = std::uint64_t{entry.local_at} + 30 +
                                load<std::uint16_t>(bytes, entry.local_at + std::uint64_t{26}) +
                                load<std::uint16_t>(bytes, entry.local_at + std::uint64_t{28});
  const Bytes packed = part(bytes, data_at, entry.packed_bytes);
  if (entry.bytes >= kMaxEntryBytes - 1) throw ToolError("a zip64 .npz file is not supported");
  if (entry.method == 0) return decode_npy(packed);
  if (entry.method == 8) return decode_npy(inflate_entry(packed, entry.bytes));
  throw ToolError("entry '" + entry.name + "' is compressed by method " +
                  std::to_string(entry.method) + ", which is not supported");
}

}  // namespace

std::map<std::string, HostTensor> read_npz(const std::filesystem::path& path) {
  try {
    const std::vector<std::byte> file = read_file(path);
    const std::uint64_t end = find_end_of_directory(file);
    const auto count = load<std::uint16_t>(file, end + 10);
    std::uint64_t at = load<std::uint32_t>(file, end + 16);
    std::map<std::string, HostTensor> tensors;
    for (std::uint16_t i = 0; i < count; ++i) {
      const ZipEntry entry = read_directory_entry(file, at);
      std::string name = entry.name;
      if (name.ends_with(".npy")) name.resize(name.size() - 4);
      tensors.emplace(std::move(name), read_entry(file, entry));
      at = entry.next_at;
    }
    return tensors;
  } catch (const ToolError& error) {
    throw ToolError(path.string() + ": " + error.what());
  }
}

}  // namespace rdu::tool
