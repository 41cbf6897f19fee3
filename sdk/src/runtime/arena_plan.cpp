// First fit by decreasing size over live ranges.
#include "sdk/src/runtime/arena_plan.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <vector>

namespace rdu::runtime {
namespace {

bool alive_together(const ArenaItem& a, const ArenaItem& b) {
  return a.first <= b.last && b.first <= a.last;
}

std::vector<std::uint32_t> by_decreasing_size(std::span<const ArenaItem> items) {
  std::vector<std::uint32_t> order(items.size());
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return std::tuple(items[b].bytes, items[a].first, a) <
           std::tuple(items[a].bytes, items[b].first, b);
  });
  return order;
}

// The lowest gap that holds `size` bytes among the items alive with it; `placed` is sorted by offset.
std::uint64_t lowest_gap(const ArenaItem& item, std::uint64_t size,
                         std::span<const ArenaItem> items, std::span<const std::uint64_t> sizes,
                         const std::vector<std::uint32_t>& placed) {
  std::uint64_t end = 0;
  for (std::uint32_t other : placed) {
    if (!alive_together(item, items[other])) continue;
    if (items[other].offset >= end && items[other].offset - end >= size) break;
    end = std::max(end, items[other].offset + sizes[other]);
  }
  return end;
}

}  // namespace

std::uint64_t plan_arena(std::span<ArenaItem> items, std::uint64_t alignment) {
  std::vector<std::uint64_t> sizes(items.size());
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (items[i].bytes > kArenaTooLarge - alignment) return kArenaTooLarge;
    sizes[i] = (items[i].bytes + alignment - 1) & ~(alignment - 1);
    if (__builtin_add_overflow(sum, sizes[i], &sum)) return kArenaTooLarge;
  }
  std::uint64_t total = 0;
  std::vector<std::uint32_t> placed;
  placed.reserve(items.size());
  for (std::uint32_t i : by_decreasing_size(items)) {
    items[i].offset = lowest_gap(items[i], sizes[i], items, sizes, placed);
    total = std::max(total, items[i].offset + sizes[i]);
    const auto position = std::upper_bound(
        placed.begin(), placed.end(), i,
        [&](std::uint32_t a, std::uint32_t b) { return items[a].offset < items[b].offset; });
    placed.insert(position, i);
  }
  return total;
}

}  // namespace rdu::runtime
