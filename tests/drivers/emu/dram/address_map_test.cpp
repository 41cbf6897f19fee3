// The map is a bijection, the order of its fields is the string's, and streams spread over channels.
#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <set>

#include "drivers/emu/dram/presets.hpp"
#include "tests/drivers/emu/dram/drive.hpp"

namespace dram_test {
using namespace rdu_hw::dram;

TEST_CASE("address and place are inverse, for any order and any sizes") {
  Config odd = kDdr4_2666;
  odd.geometry.rows = 7;
  odd.geometry.banks = 3;
  odd.geometry.ranks = 2;
  std::mt19937_64 random(1);
  for (Config config : {kDdr3_1600, kDdr4_2666, kLpddr4_3200, kHbm2, odd}) {
    for (const char* map : {"rorabacobgch", "rochrababgco", "chrorababgco", "corobabgrach"}) {
      config.geometry.map = map;
      const AddressMap mapping(config);
      for (int i = 0; i < 2000; ++i) {
        const std::uint64_t address = random() % config.capacity();
        const Place place = mapping.place(address);
        REQUIRE(mapping.address(place) == address / 64 * 64);
        REQUIRE(mapping.place(address + config.capacity()) == place);
        REQUIRE(place.channel < config.geometry.channels);
        REQUIRE(place.bank < config.geometry.banks_per_channel());
        REQUIRE(place.row < config.geometry.rows);
        REQUIRE(place.column < config.geometry.row_bytes / 64);
      }
    }
  }
}

TEST_CASE("every burst of a small memory has its own place") {
  Config config = kDdr4_2666;
  config.geometry.rows = 2;
  config.geometry.row_bytes = 192;
  const AddressMap map(config);
  std::set<std::tuple<int, int, std::int64_t, std::int64_t>> seen;
  for (std::int64_t a = 0; a < config.capacity(); a += 64) {
    const Place p = map.place(a);
    seen.insert({p.channel, p.bank, p.row, p.column});
  }
  CHECK(static_cast<std::int64_t>(seen.size()) == config.capacity() / 64);
}

TEST_CASE("the map's string is read from most to least significant field") {
  const AddressMap map(
      kDdr4_2666);  // ro ra ba co bg ch: 6 channels, 4 groups, 128 columns, 4 banks
  CHECK(map.place(64 * 5) == Place{5, 0, 0, 0});
  CHECK(map.place(64 * 6) == Place{0, 4, 0, 0});  // the next group: banks 4..7
  // What is above the group's digit changes the group: 1 is 01, 128 is 10 00 00 00, 512 has one bit, too.
  CHECK(map.place(64 * 6 * 4) == Place{0, 4, 0, 1});        // the next column
  CHECK(map.place(64 * 6 * 4 * 128) == Place{0, 9, 0, 0});  // the next bank of the group
  CHECK(map.place(64 * 6 * 4 * 128 * 4) == Place{0, 8, 1, 0});
  CHECK(map.place(64 * (6 * (4 * 6 + 3) + 2)) == Place{2, 0, 0, 6});  // 3 ^ 01 ^ 10

  Config config = kDdr3_1600;
  config.geometry.map = "rochrababgco";
  const AddressMap other(config);  // 128 columns, 8 banks, 4 channels
  CHECK(other.place(64 * 127) == Place{0, 0, 0, 127});
  CHECK(other.place(64 * 128) == Place{0, 1, 0, 0});
  CHECK(other.place(64 * 128 * 8) == Place{1, 0, 0, 0});
  CHECK(other.place(64 * 128 * 8 * 4) == Place{0, 0, 1, 0});
}

TEST_CASE("no stride of a power of two stays in one bank group") {
  const AddressMap map(kDdr4_2666);
  for (std::uint64_t stride = 64; stride <= 64 << 20; stride *= 2) {
    // Of the bursts of one channel in their order, neighbours of one group.
    std::map<int, int> last;
    int same = 0;
    for (std::uint64_t i = 0; i < 600; ++i) {
      const Place place = map.place(i * stride);
      const int group = place.bank / 4;
      const auto before = last.find(place.channel);
      same += before != last.end() && before->second == group ? 1 : 0;
      last[place.channel] = group;
    }
    INFO("stride " << stride << ": " << same);
    CHECK(same < 600 / 2);
  }
}

}  // namespace dram_test
