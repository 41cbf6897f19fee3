// The arena planner alone: no overlap, no waste that a simpler rule would avoid, the same answer always.
#include <catch2/catch.hpp>
#include <random>
#include <vector>

#include "sdk/src/runtime/arena_plan.hpp"

using rdu::runtime::ArenaItem;
using rdu::runtime::kArenaTooLarge;
using rdu::runtime::plan_arena;

namespace {

bool overlap(const ArenaItem& a, const ArenaItem& b) {
  const bool in_time = a.first <= b.last && b.first <= a.last;
  const bool in_space = a.offset < b.offset + b.bytes && b.offset < a.offset + a.bytes;
  return in_time && in_space;
}

std::vector<ArenaItem> random_items(std::uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<ArenaItem> items(60);
  for (ArenaItem& item : items) {
    item.bytes = random() % 5000;
    item.first = random() % 40;
    item.last = item.first + random() % 6;
  }
  return items;
}

// What no plan can beat: the largest sum of what is alive at one time.
std::uint64_t lower_bound(const std::vector<ArenaItem>& items) {
  std::uint64_t most = 0;
  for (std::uint32_t time = 0; time < 50; ++time) {
    std::uint64_t sum = 0;
    for (const ArenaItem& item : items) {
      if (item.first <= time && time <= item.last) sum += (item.bytes + 63) / 64 * 64;
    }
    most = std::max(most, sum);
  }
  return most;
}

}  // namespace

TEST_CASE("items alive together never overlap, and the block is little larger than it must be") {
  for (std::uint32_t seed = 0; seed < 50; ++seed) {
    std::vector<ArenaItem> items = random_items(seed);
    const std::uint64_t total = plan_arena(items);
    for (std::size_t i = 0; i < items.size(); ++i) {
      CHECK(items[i].offset % 64 == 0);
      CHECK(items[i].offset + items[i].bytes <= total);
      for (std::size_t j = 0; j < i; ++j) CHECK_FALSE(overlap(items[i], items[j]));
    }
    CHECK(total >= lower_bound(items));
    CHECK(total <= lower_bound(items) * 3 / 2);
  }
}

TEST_CASE("the plan is the same every time") {
  std::vector<ArenaItem> one = random_items(7), two = random_items(7);
  CHECK(plan_arena(one) == plan_arena(two));
  for (std::size_t i = 0; i < one.size(); ++i) CHECK(one[i].offset == two[i].offset);
}

TEST_CASE("a chain needs two blocks, however long it is") {
  std::vector<ArenaItem> items;
  for (std::uint32_t i = 0; i < 100; ++i) items.push_back({1000, i, i + 1, 0});
  CHECK(plan_arena(items) == 2 * 1024);
}

TEST_CASE("sizes that are none are said to be so") {
  std::vector<ArenaItem> items = {{UINT64_MAX - 10, 0, 0, 0}};
  CHECK(plan_arena(items) == kArenaTooLarge);
  items = {{UINT64_MAX / 2, 0, 0, 0}, {UINT64_MAX / 2, 1, 1, 0}, {UINT64_MAX / 2, 2, 2, 0}};
  CHECK(plan_arena(items) == kArenaTooLarge);
  items.clear();
  CHECK(plan_arena(items) == 0);
}
