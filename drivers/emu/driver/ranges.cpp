// First fit over the gaps between ranges, in ascending order of address.
#include "drivers/emu/driver/ranges.hpp"

namespace rdu_hw::emu {

std::optional<std::uint64_t> Ranges::take(std::uint64_t bytes, std::uint64_t alignment) {
  std::uint64_t from = 0;
  const auto fits = [&](std::uint64_t end) { return from <= end && bytes <= end - from; };
  const auto aligned = [&](std::uint64_t address) {
    const std::uint64_t rest = address % alignment;
    return rest == 0 ? address : address - rest + alignment;
  };
  for (const auto& [address, size] : ranges_) {
    if (fits(address)) break;
    from = aligned(address + size);
  }
  if (!fits(capacity_)) return std::nullopt;
  ranges_.emplace(from, bytes);
  taken_ += bytes;
  return from;
}

std::optional<std::uint64_t> Ranges::give_back(std::uint64_t address) {
  const auto at = ranges_.find(address);
  if (at == ranges_.end()) return std::nullopt;
  const std::uint64_t bytes = at->second;
  taken_ -= bytes;
  ranges_.erase(at);
  return bytes;
}

std::optional<std::uint64_t> Ranges::find(std::uint64_t address, std::uint64_t bytes) const {
  auto after = ranges_.upper_bound(address);
  if (after == ranges_.begin()) return std::nullopt;
  const auto& [begin, size] = *--after;
  const std::uint64_t offset = address - begin;
  if (offset > size || bytes > size - offset) return std::nullopt;
  return begin;
}

}  // namespace rdu_hw::emu
