// Bandwidth between what physics forbids and what a good controller must reach.
#include <catch2/catch.hpp>
#include <random>

#include "drivers/emu/dram/presets.hpp"
#include "tests/drivers/emu/dram/drive.hpp"

namespace dram_test {
using namespace rdu_hw::dram;

namespace {

constexpr Config kAll[] = {kDdr3_1600, kDdr4_2666, kLpddr4_3200, kHbm2};

Client stream(std::int64_t count, Direction direction, std::uint64_t base = 0,
              int outstanding = 256) {
  return {count, outstanding, [=](std::int64_t i) {
            return Request{0, 0, direction, 0, base + 64 * static_cast<std::uint64_t>(i)};
          }};
}

double share_of_peak(const Config& config, const Outcome& outcome) {
  const double bytes = 64.0 * static_cast<double>(outcome.completions.size());
  return bytes / static_cast<double>(outcome.end()) / config.peak_bytes_per_cycle();
}

// tREFI's part in which a rank does nothing but refresh.
double refresh_share(const Timing& t) { return static_cast<double>(t.rfc) / t.refi; }

}  // namespace

TEST_CASE("a stream over all channels reaches nine tenths of the peak, and never beats it") {
  for (const Config& config : kAll) {
    for (const Direction direction : {Direction::kRead, Direction::kWrite}) {
      const std::int64_t count = 5000 * config.geometry.channels;
      const Outcome outcome = run(config, {stream(count, direction)});
      REQUIRE(outcome.fault == "");
      CAPTURE(config.peak_bytes_per_cycle());
      // LPDDR4's tRFC alone is 7 % of its tREFI.
      CHECK(share_of_peak(config, outcome) >= (config.geometry.bus_bits == 32 ? 0.88 : 0.9));
      const Timing& t = config.timing;
      const Clock data = count / config.geometry.channels * t.burst_length / 2;
      const Clock pause = outcome.statistics.refreshes / config.geometry.channels * t.rfc;
      const Clock first = t.rcd + std::min(t.cl, t.cwl);
      CHECK(config.ratio.arrival(outcome.end()) >= first + data + pause);
    }
  }
}

TEST_CASE("one channel after the other, a map without interleaving, is one channel's bandwidth") {
  Config config = kDdr3_1600;
  config.geometry.map = "chrorababgco";
  const Outcome outcome = run(config, {stream(20000, Direction::kRead)});
  REQUIRE(outcome.fault == "");
  CHECK(share_of_peak(config, outcome) <= 0.25);
  CHECK(share_of_peak(config, outcome) >= 0.9 * 0.25);
}

TEST_CASE("copying turns the bus, which costs a bounded part") {
  for (const Config& config : kAll) {
    const std::int64_t half = 2500 * config.geometry.channels;
    const std::uint64_t far = config.capacity() / 2;
    const Outcome copy = run(config, {stream(half, Direction::kRead, 0, 128),
                                      stream(half, Direction::kWrite, far, 128)});
    REQUIRE(copy.fault == "");
    CAPTURE(config.peak_bytes_per_cycle());
    CHECK(share_of_peak(config, copy) >= 0.6);
    CHECK(share_of_peak(config, copy) < 0.97);
  }
}

TEST_CASE("random bursts are bound by activates: tFAW and tRC over the banks") {
  for (const Config& preset : kAll) {
    const Config config = plain(preset);
    const Timing& t = config.timing;
    const std::int64_t count = 4000;
    std::mt19937_64 random(7);
    std::vector<std::uint64_t> address(count);
    for (auto& a : address) a = random() % config.capacity();
    const Outcome outcome =
        run(config, {Client{count, 64, [&](std::int64_t i) { return read_of(address[i]); }}});
    REQUIRE(outcome.fault == "");
    const double banks = config.geometry.banks_per_channel();
    const double floor =
        std::max({t.faw / 4.0, t.rc / banks, static_cast<double>(t.rrd_s), t.burst_length / 2.0});
    const double clocks = static_cast<double>(outcome.end()) / count;
    CAPTURE(floor, clocks);
    CHECK(clocks >= floor);
    // A queue of 32 does not keep every bank busy: with n banks some of 32 random requests miss each one.
    CHECK(clocks <= 1.45 * floor / (1 - refresh_share(t)));
    CHECK(outcome.statistics.row_hits < count / 50);
  }
}

TEST_CASE("refreshes cost about tRFC of every tREFI") {
  for (const Config& preset : kAll) {
    const Config config = plain(preset);
    const Timing& t = config.timing;
    Config never = config;
    never.timing.refi = 1 << 20;
    const std::int64_t count = 20000;
    const Outcome with = run(config, {stream(count, Direction::kRead)});
    const Outcome without = run(never, {stream(count, Direction::kRead)});
    REQUIRE(with.fault == "");
    REQUIRE(without.fault == "");
    REQUIRE(without.statistics.refreshes == 0);
    REQUIRE(with.statistics.refreshes == with.end() / t.refi);
    const double cost = static_cast<double>(with.end() - without.end()) /
                        static_cast<double>(with.statistics.refreshes);
    CAPTURE(cost, t.rfc);
    CHECK(cost >= t.rfc);
    // Beside tRFC: the open banks are closed, and the first row opened again.
    CHECK(cost <= t.rfc + t.ras + t.rp + t.rcd + t.cl + config.geometry.banks_per_rank());
  }
}

TEST_CASE("a memory that is rarely used refreshes all the same") {
  const Config config = plain(kDdr3_1600);
  const Cycle late = 1000 * Cycle{config.timing.refi};
  const Outcome outcome = run(config, number({read_of(0), read_of(0, late - 1000)}));
  REQUIRE(outcome.fault == "");
  CHECK(outcome.statistics.refreshes == 999);
}

}  // namespace dram_test
