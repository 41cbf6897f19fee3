// The allocator against a list of taken bytes.
#include "drivers/emu/driver/ranges.hpp"

#include <catch2/catch.hpp>
#include <random>
#include <vector>

using rdu_hw::emu::Ranges;

TEST_CASE("the least address with room is taken") {
  Ranges ranges(1000);
  CHECK(ranges.take(100, 1) == 0);
  CHECK(ranges.take(100, 64) == 128);
  CHECK(ranges.take(28, 1) == 100);
  CHECK(ranges.take(1, 1) == 228);
  CHECK(ranges.give_back(128) == 100);
  CHECK(ranges.take(101, 1) == 229);
  CHECK(ranges.take(100, 1) == 128);
  CHECK_FALSE(ranges.take(1000, 1));
  CHECK(ranges.take(1000 - 330, 1) == 330);
  CHECK_FALSE(ranges.take(1, 1));
  CHECK(ranges.taken() == 1000);
}

TEST_CASE("only what was taken is given back or found") {
  Ranges ranges(1000);
  CHECK(ranges.take(100, 1) == 0);
  CHECK(ranges.take(100, 1) == 100);
  CHECK_FALSE(ranges.give_back(50));
  CHECK(ranges.find(0, 100) == 0);
  CHECK(ranges.find(199, 1) == 100);
  CHECK(ranges.find(200, 0) == 100);
  CHECK_FALSE(ranges.find(50, 51));
  CHECK_FALSE(ranges.find(201, 0));
  CHECK_FALSE(ranges.find(~std::uint64_t{0}, 1));
  CHECK_FALSE(ranges.find(0, ~std::uint64_t{0}));
  CHECK(ranges.give_back(0) == 100);
  CHECK_FALSE(ranges.find(0, 1));
}

TEST_CASE("numbers at the end of 64 bits do not wrap") {
  Ranges ranges(~std::uint64_t{0} >> 1);
  CHECK(ranges.take(1, 1) == 0);
  CHECK_FALSE(ranges.take(~std::uint64_t{0}, 1));
  CHECK(ranges.take(64, std::uint64_t{1} << 30) == std::uint64_t{1} << 30);
}

TEST_CASE("random ranges never meet, and first fit means first") {
  constexpr std::uint64_t kSize = 2000;
  std::mt19937 random(7);
  Ranges ranges(kSize);
  std::vector<bool> taken(kSize, false);
  std::vector<std::pair<std::uint64_t, std::uint64_t>> live;
  const auto free_at = [&](std::uint64_t from, std::uint64_t bytes) {
    if (from + bytes > kSize) return false;
    for (std::uint64_t i = from; i < from + bytes; ++i) {
      if (taken[i]) return false;
    }
    return true;
  };
  for (int step = 0; step < 3000; ++step) {
    if (!live.empty() && random() % 2 == 0) {
      const std::size_t which = random() % live.size();
      const auto [address, bytes] = live[which];
      REQUIRE(ranges.give_back(address) == bytes);
      std::fill_n(taken.begin() + static_cast<std::ptrdiff_t>(address), bytes, false);
      live.erase(live.begin() + static_cast<std::ptrdiff_t>(which));
      continue;
    }
    const std::uint64_t bytes = 1 + random() % 200, alignment = 1u << random() % 6;
    std::uint64_t expected = 0;
    while (expected < kSize && !free_at(expected, bytes)) expected += alignment;
    const auto address = ranges.take(bytes, alignment);
    REQUIRE(address.has_value() == (expected < kSize));
    if (!address) continue;
    REQUIRE(*address == expected);
    std::fill_n(taken.begin() + static_cast<std::ptrdiff_t>(*address), bytes, true);
    live.emplace_back(*address, bytes);
  }
}
