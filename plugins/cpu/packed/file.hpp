// What is packed ahead of time, as it lies in an artifact: a header, a table of pieces in the order of their keys, and the
// pieces. It comes from a file: nothing of it is believed before it is checked.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "plugins/cpu/packed/layout.hpp"

namespace rdu::cpu {

// The executable whose piece it is: sections of a variant.
struct PackedOwner {
  std::uint32_t signature = 0, variant = 0, first_section = 0, end_section = 0;
  auto operator<=>(const PackedOwner&) const = default;
};

// A piece: the `number`th that a node packs.
struct PackedKey {
  PackedOwner owner;
  std::uint32_t node = 0, number = 0;
  std::uint64_t layout = 0;
  auto operator<=>(const PackedKey&) const = default;
};

struct PackedEntry {
  PackedKey key;
  std::uint64_t offset = 0, bytes = 0;
};
static_assert(sizeof(PackedEntry) == 48 && alignof(PackedEntry) == 8, "entries lie in the file");

struct PackedHeader {
  std::uint64_t magic, bytes;  // bytes of everything
  std::uint32_t version, count;
  std::uint64_t reserved[5];
};
static_assert(sizeof(PackedHeader) == 64, "the table follows");

inline constexpr std::uint64_t kPackedMagic = 0x31444b4350554352;  // "RCUPCKD1"
// Of all layouts. Raise it when the same layout_of() begins to stand for other bytes, or the same node in the same plan
// for another use of them; tests/plugins/cpu/packed_layout_test.cpp notices
// the first for convolutions.
inline constexpr std::uint32_t kPackedVersion = 1;
inline constexpr std::uint64_t kPackedAlignment = 64;

// Borrowed bytes, checked once. Empty where there are none.
class PackedFile {
 public:
  PackedFile() = default;
  // Where the bytes are not such a file, or not one of this version, it is empty and `trouble` says why.
  PackedFile(std::span<const std::byte> bytes, std::string& trouble);

  bool empty() const { return entries_.empty(); }
  // NULL where there is no such piece, or it has another size.
  const std::byte* find(const PackedKey& key, std::uint64_t bytes) const;

 private:
  std::span<const std::byte> bytes_;
  std::span<const PackedEntry> entries_;
};

}  // namespace rdu::cpu
