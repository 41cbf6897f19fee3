// A fast 128-bit hash of content: finds equal constants and detects damage. It is not cryptographic.
//
// The function is part of the artifact's format: its values are stored, so it never changes. It reads bytes as
// little-endian words and gives the same value on every machine.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace rdu::base {

struct Hash128 {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  auto operator<=>(const Hash128&) const = default;
};

// 32 lower-case hexadecimal digits, `high` first.
std::string to_string(const Hash128& hash);

Hash128 hash128(std::span<const std::byte> bytes);

// The same value for the same bytes, however they are divided among the calls of update().
class Hasher {
 public:
  void update(std::span<const std::byte> bytes);
  Hash128 finish() const;

 private:
  static constexpr std::size_t kBlock = 64;

  void mix_block(const std::byte* block);

  std::array<std::uint64_t, 4> lanes_{0x9fb21c651e98df25, 0xd6e8feb86659fd93, 0xa0761d6478bd642f,
                                      0xe7037ed1a0b428db};
  std::array<std::byte, kBlock> pending_{};
  std::size_t num_pending_ = 0;
  std::uint64_t total_ = 0;
};

}  // namespace rdu::base
