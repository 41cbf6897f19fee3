// No command ever comes too early: traces of random workloads, looked at by a checker that knows only pairs of commands.
#include <algorithm>
#include <catch2/catch.hpp>

#include "drivers/emu/dram/presets.hpp"
#include "tests/drivers/emu/dram/workload.hpp"

namespace dram_test {
using namespace rdu_hw::dram;

TEST_CASE("random workloads on random memories obey every constraint") {
  for (unsigned seed = 0; seed < 40; ++seed) {
    std::mt19937_64 random(seed);
    const Config config = random_config(random);
    REQUIRE(find_fault(config) == "");
    const auto requests = random_requests(config, random, 3000);
    CAPTURE(seed);
    REQUIRE(run(config, requests).fault == "");
  }
}

TEST_CASE("completions that cause requests obey every constraint") {
  for (unsigned seed = 100; seed < 115; ++seed) {
    std::mt19937_64 random(seed);
    const Config config = random_config(random);
    const auto requests = random_requests(config, random, 3000);
    std::vector<Client> clients;
    for (std::size_t c = 0; c < 3; ++c) {
      clients.push_back(
          {1000, 1 << (2 * c), [&, c](std::int64_t i) { return requests[3 * i + c]; }});
    }
    CAPTURE(seed);
    REQUIRE(run(config, clients, seed % 3 * 7).fault == "");
  }
}

// The same traces, looked at with one parameter that is stricter by one clock: the checker must object to each.
TEST_CASE("the checker sees every parameter") {
  Config config = kDdr4_2666;
  config.geometry.ranks = 2;
  config.geometry.channels = 1;
  config.policy = {16, 12, 4, 16, 400};
  // Slack that other parameters would hide is taken away.
  config.timing.rc = config.timing.ras + config.timing.rp + 2;
  config.timing.rtp = 30;
  config.timing.rtw = 13;
  std::vector<std::vector<Command>> traces;
  for (unsigned seed = 0; seed < 8; ++seed) {
    std::mt19937_64 random(seed);
    Outcome outcome = run(config, random_requests(config, random, 3000));
    REQUIRE(outcome.fault == "");
    traces.push_back(std::move(outcome.commands));
  }
  const auto objects = [&](std::int32_t Timing::*field) {
    Config stricter = config;
    ++(stricter.timing.*field);
    return std::any_of(traces.begin(), traces.end(),
                       [&](const auto& trace) { return !find_violation(stricter, trace).empty(); });
  };
  CHECK(objects(&Timing::rcd));
  CHECK(objects(&Timing::rp));
  CHECK(objects(&Timing::ras));
  CHECK(objects(&Timing::rc));
  CHECK(objects(&Timing::rrd_s));
  CHECK(objects(&Timing::rrd_l));
  CHECK(objects(&Timing::faw));
  CHECK(objects(&Timing::ccd_s));
  CHECK(objects(&Timing::ccd_l));
  CHECK(objects(&Timing::wr));
  CHECK(objects(&Timing::wtr_s));
  CHECK(objects(&Timing::wtr_l));
  CHECK(objects(&Timing::rtp));
  CHECK(objects(&Timing::rtw));
  CHECK(objects(&Timing::rtrs));
  CHECK(objects(&Timing::rfc));
}

}  // namespace dram_test
