// Lays values with known lifetimes into one block of memory.
#pragma once

#include <cstdint>
#include <limits>
#include <span>

namespace rdu::runtime {

inline constexpr std::uint64_t kArenaAlignment = 64;

// Alive from step `first` to step `last`, both included. `offset` is the answer.
struct ArenaItem {
  std::uint64_t bytes = 0;
  std::uint32_t first = 0;
  std::uint32_t last = 0;
  std::uint64_t offset = 0;
};

inline constexpr std::uint64_t kArenaTooLarge = std::numeric_limits<std::uint64_t>::max();

// Gives every item an offset such that items alive at the same time do not overlap, and returns the size of the block:
// first fit, largest first. The same items give the same plan on every machine. Offsets are multiples of `alignment`, a
// power of two. kArenaTooLarge: the sum is not a size.
std::uint64_t plan_arena(std::span<ArenaItem> items, std::uint64_t alignment = kArenaAlignment);

}  // namespace rdu::runtime
