// Faulty memories are refused by name; clocks convert exactly; the presets are what their names say.
#include <catch2/catch.hpp>
#include <string>

#include "drivers/emu/dram/presets.hpp"
#include "tests/drivers/emu/dram/drive.hpp"

namespace dram_test {
using namespace rdu_hw::dram;

namespace {

template <typename Change>
std::string fault_after(Change change) {
  Config config = kDdr4_2666;
  change(config);
  return find_fault(config);
}

// low/num < x/den <= high/num and low/num <= x/den < high/num, exactly.
bool is_between(__int128 low, __int128 x, __int128 high, int num, int den) {
  return low * den < x * num && x * num <= high * den;
}
bool is_within(__int128 low, __int128 x, __int128 high, int num, int den) {
  return low * den <= x * num && x * num < high * den;
}

}  // namespace

TEST_CASE("presets have no fault and their peak bandwidth") {
  struct Expected {
    Config config;
    double gigabytes;  // a second, at 1 GHz: bytes a cycle
    std::int64_t capacity;
  };
  const std::int64_t gib = std::int64_t{1} << 30;
  for (const auto& [config, gigabytes, capacity] :
       {Expected{kDdr3_1600, 51.2, 16 * gib}, Expected{kDdr4_2666, 128, 48 * gib},
        Expected{kLpddr4_3200, 12.8, 2 * gib}, Expected{kHbm2, 256, 4 * gib}}) {
    CHECK(find_fault(config) == "");
    CHECK(config.peak_bytes_per_cycle() == Approx(gigabytes).epsilon(1e-9));
    CHECK(config.capacity() == capacity);
    CHECK(config.burst_bytes() == 64);
    CHECK(config.timing.rc == config.timing.ras + config.timing.rp);
  }
}

TEST_CASE("a fault names its field and the value seen") {
  CHECK(fault_after([](Config& c) { c.timing.rcd = 0; }) ==
        "timing.rcd is 0, not within 1..1048576");
  CHECK(fault_after([](Config& c) { c.timing.burst_length = 7; }) != "");
  CHECK(fault_after([](Config& c) { c.timing.ccd_s = 8; }) == "timing.ccd_s is 8, not within 1..7");
  CHECK(fault_after([](Config& c) { c.timing.refi = 500; }) != "");
  CHECK(fault_after([](Config& c) { c.geometry.channels = 0; }) != "");
  CHECK(fault_after([](Config& c) { c.geometry.ranks = 5; }) ==
        "geometry: banks of a channel is 80, not within 1..64");
  CHECK(fault_after([](Config& c) { c.geometry.row_bytes = 100; }) ==
        "geometry.row_bytes beyond whole bursts is 36, not within 0..0");
  for (const char* map : {"", "rorabacobg", "rorabacobgbg", "rorabacobgxx", "orrabacobgch"}) {
    CHECK(fault_after([&](Config& c) { c.geometry.map = map; }) ==
          "geometry.map is \"" + std::string(map) + "\", not an order of ro ra bg ba co ch");
  }
  CHECK(fault_after([](Config& c) { c.policy.write_low = 24; }) != "");
  CHECK(fault_after([](Config& c) { c.policy.write_high = 33; }) != "");
  CHECK(fault_after([](Config& c) { c.policy.queue_depth = 0; }) != "");
  CHECK(fault_after([](Config& c) { c.ratio.cycles = 0; }) != "");
}

TEST_CASE("clocks convert exactly, however late it is") {
  for (const ClockRatio ratio : {ClockRatio{1, 1}, ClockRatio{4, 5}, ClockRatio{4, 3},
                                 ClockRatio{8, 5}, ClockRatio{333, 250}}) {
    for (const std::int64_t base : {std::int64_t{0}, std::int64_t{1} << 50}) {
      for (std::int64_t x = base; x < base + 1000; ++x) {
        // arrival and completion are the least, during is the greatest that fits.
        REQUIRE(is_between(ratio.arrival(x) - 1, x, ratio.arrival(x), ratio.clocks, ratio.cycles));
        REQUIRE(is_between(ratio.completion(x) - 1, x, ratio.completion(x), ratio.cycles,
                           ratio.clocks));
        REQUIRE(is_within(ratio.during(x), x, ratio.during(x) + 1, ratio.cycles, ratio.clocks));
      }
    }
  }
}

}  // namespace dram_test
