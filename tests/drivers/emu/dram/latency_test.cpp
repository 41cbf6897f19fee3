// What single commands cost, in closed form: nothing here comes from the model.
#include <catch2/catch.hpp>

#include "drivers/emu/dram/presets.hpp"
#include "tests/drivers/emu/dram/drive.hpp"

namespace dram_test {
using namespace rdu_hw::dram;

namespace {

constexpr Config kAll[] = {kDdr3_1600, kDdr4_2666, kLpddr4_3200, kHbm2};

std::vector<Cycle> times(const Config& config, std::vector<Request> requests) {
  const Outcome outcome = run(config, number(std::move(requests)));
  REQUIRE(outcome.fault == "");
  std::vector<Cycle> result;
  for (const Completion& c : outcome.completions) result.push_back(c.time);
  return result;
}

}  // namespace

TEST_CASE("a lone read takes tRCD + CL + burst") {
  for (const Config& preset : kAll) {
    const Timing& t = preset.timing;
    const Config config = plain(preset);
    const Clock latency = t.rcd + t.cl + t.burst_length / 2;
    CHECK(times(config, {read_of(0)}) == std::vector<Cycle>{latency});
    CHECK(lone_read_cycles(config) == latency);
    CHECK(times(config, {read_of(0, 777)}) == std::vector<Cycle>{777 + latency});
  }
  // DDR3-1600: 11 + 11 + 4 = 26 clocks of 1.25 ns are 32.5 cycles of 1 ns; cycle 1 waits for the edge at 1.25 ns.
  CHECK(lone_read_cycles(kDdr3_1600) == 33);
  CHECK(times(kDdr3_1600, {read_of(0)}) == std::vector<Cycle>{33});
  CHECK(times(kDdr3_1600, {read_of(0, 1)}) == std::vector<Cycle>{34});
  CHECK(times(kDdr3_1600, {read_of(0, 5)}) == std::vector<Cycle>{38});
  // DDR4-2666: 19 + 19 + 4 = 42 clocks of 0.75 ns are 31.5 cycles.
  CHECK(lone_read_cycles(kDdr4_2666) == 32);
  CHECK(times(kDdr4_2666, {read_of(0)}) == std::vector<Cycle>{32});
}

TEST_CASE("row hit, row miss and row conflict") {
  for (const Config& preset : kAll) {
    const Config config = plain(preset);
    const Timing& t = config.timing;
    const Clock hit = t.cl + t.burst_length / 2, miss = t.rcd + hit, conflict = t.rp + miss;
    const auto done = times(
        config, {read_of(address_of(config, 1, 5)), read_of(address_of(config, 1, 5, 3), 500),
                 read_of(address_of(config, 1, 6), 1000), read_of(address_of(config, 2, 6), 1500)});
    CHECK(done == std::vector<Cycle>{miss, 500 + hit, 1000 + conflict, 1500 + miss});
  }
}

TEST_CASE("statistics tell hits, misses and conflicts apart") {
  const Config config = plain(kDdr4_2666);
  const Outcome outcome = run(
      config,
      number({read_of(address_of(config, 1, 5)), read_of(address_of(config, 1, 5, 3), 500),
              write_of(address_of(config, 1, 6), 1000), read_of(address_of(config, 2, 6), 1500)}));
  const Statistics& s = outcome.statistics;
  CHECK(s.reads == 3);
  CHECK(s.writes == 1);
  CHECK(s.row_hits == 1);
  CHECK(s.row_misses == 2);
  CHECK(s.row_conflicts == 1);
  CHECK(s.activates == 3);
  CHECK(s.precharges == 1);
  CHECK(s.refreshes == 0);
  CHECK(s.busy_clocks == 16);
  CHECK(s.bytes(config) == 256);
  CHECK(s.read_latency == 42 + 23 + 42);
  CHECK(s.write_latency == 19 + 19 + 14 + 4);
  CHECK(s.last_data == 1542);
  CHECK(s.bandwidth(config) == Approx(256.0 / 1542));
}

TEST_CASE(
    "a write is acknowledged at the end of its data, and turning the bus costs tWTR or the gap") {
  for (const Config& preset : kAll) {
    const Config config = plain(preset);
    const Timing& t = config.timing;
    const Clock burst = t.burst_length / 2, write_done = t.rcd + t.cwl + burst;
    const std::uint64_t here = address_of(config, 0, 0);
    // The read comes one clock after the write's command.
    const Clock read_done = write_done + t.wtr_l + t.cl + burst;
    CHECK(times(config, {write_of(here), read_of(here, t.rcd + 1)}) ==
          std::vector<Cycle>{write_done, read_done});
    // Read first: the write's command follows after tRTW.
    CHECK(times(config, {read_of(here), write_of(here)}) ==
          std::vector<Cycle>{t.rcd + t.cl + burst, t.rcd + t.rtw + t.cwl + burst});
  }
}

TEST_CASE("write recovery delays a conflict") {
  for (const Config& preset : kAll) {
    const Config config = plain(preset);
    const Timing& t = config.timing;
    const Clock burst = t.burst_length / 2, write_done = t.rcd + t.cwl + burst;
    const Clock close = std::max<Clock>(write_done + t.wr, t.ras);
    const auto done = times(config, {write_of(address_of(config, 0, 0)),
                                     read_of(address_of(config, 0, 1), write_done)});
    CHECK(done == std::vector<Cycle>{write_done, close + t.rp + t.rcd + t.cl + burst});
  }
}

TEST_CASE("one bank, another row each time: one read per tRC") {
  for (const Config& preset : kAll) {
    const Config config = plain(preset);
    const Timing& t = config.timing;
    std::vector<Request> requests;
    for (int i = 0; i < 30; ++i) requests.push_back(read_of(address_of(config, 3, i)));
    const auto done = times(config, requests);
    for (int i = 0; i < 30; ++i) {
      CHECK(done[i] == i * t.rc + t.rcd + t.cl + t.burst_length / 2);
    }
  }
}

TEST_CASE("five banks at once: activates are tRRD apart, the fifth waits for tFAW") {
  for (const Config& preset : kAll) {
    const Config config = plain(preset);
    const Timing& t = config.timing;
    std::vector<Request> requests;
    const int groups = config.geometry.groups, banks = config.geometry.banks;
    for (int i = 0; i < 5; ++i) {
      const int bank =
          i % groups * banks + i / groups;  // another group each time, if there are any
      requests.push_back(read_of(address_of(config, bank, 0)));
    }
    const auto done = times(config, requests);
    const Clock latency = t.rcd + t.cl + t.burst_length / 2;
    for (int i = 0; i < 4; ++i) CHECK(done[i] == i * t.rrd_s + latency);
    CHECK(done[4] == std::max(t.faw, 4 * t.rrd_s) + latency);
  }
}

TEST_CASE("hits of one bank group follow by tCCD_L, of several by tCCD_S or the burst") {
  for (const Config& preset : kAll) {
    const Config config = plain(preset);
    const Timing& t = config.timing;
    const Clock burst = t.burst_length / 2, first = t.rcd + t.cl + burst;
    const Clock in_group = std::max<Clock>(t.ccd_l, burst);
    std::vector<Request> requests;
    for (int i = 0; i < 8; ++i) requests.push_back(read_of(address_of(config, 0, 0, i)));
    const auto done = times(config, requests);
    for (int i = 0; i < 8; ++i) CHECK(done[i] == first + i * in_group);
  }
  // Two groups whose rows are open already, in turn: DDR4-2666 moves a burst every 4 clocks.
  const Config config = plain(kDdr4_2666);
  std::vector<Request> requests{read_of(address_of(config, 0, 0)),
                                read_of(address_of(config, 4, 0))};
  for (int i = 0; i < 8; ++i) {
    requests.push_back(read_of(address_of(config, i % 2 * 4, 0, 1 + i / 2), 200));
  }
  const auto done = times(config, requests);
  for (int i = 0; i < 8; ++i) CHECK(done[2 + i] == 200 + 19 + 4 + 4 * i);
}

TEST_CASE("two ranks share the bus with a gap of tRTRS") {
  Config config = plain(kDdr3_1600);
  config.geometry.ranks = 2;
  std::vector<Request> requests{
      read_of(address_of(config, 0, 0)), read_of(address_of(config, 8, 0)),
      read_of(address_of(config, 0, 0, 1), 100), read_of(address_of(config, 8, 0, 1), 100)};
  const auto done = times(config, requests);
  CHECK(done[2] == 100 + 11 + 4);  // the bus was rank 1's, and is free since long
  CHECK(done[3] == done[2] + 4 + 1);
}

TEST_CASE("a request that meets a refresh waits for it") {
  const Config config = plain(kDdr3_1600);
  const Timing& t = config.timing;
  const Clock latency = t.rcd + t.cl + t.burst_length / 2;
  const auto done = times(config, {read_of(0), read_of(0, t.refi), read_of(0, 3 * t.refi - 1)});
  CHECK(done[0] == latency);
  CHECK(done[1] ==
        t.refi + t.rp + t.rfc + latency);  // the row was open: precharge, refresh, activate
  // One clock before the third refresh: activated, closed as soon as tRAS allows, refreshed, activated again.
  CHECK(done[2] == 3 * t.refi - 1 + t.ras + t.rp + t.rfc + latency);
}

}  // namespace dram_test
