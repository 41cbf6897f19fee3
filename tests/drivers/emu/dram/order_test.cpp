// Completions depend on what was requested, never on when the simulator came to submit it; nobody starves.
#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

#include "drivers/emu/dram/presets.hpp"
#include "tests/drivers/emu/dram/drive.hpp"

namespace dram_test {
using namespace rdu_hw::dram;

namespace {

std::vector<Request> random_requests(const Config& config, int count, unsigned seed) {
  std::mt19937_64 random(seed);
  std::vector<Request> requests;
  Cycle time = 0;
  for (int i = 0; i < count; ++i) {
    if (random() % 4 == 0) time += static_cast<Cycle>(random() % 40);
    requests.push_back({static_cast<std::uint64_t>(i), static_cast<std::uint32_t>(random() % 5),
                        random() % 3 == 0 ? Direction::kWrite : Direction::kRead, time,
                        random() % 2 == 0 ? random() % config.capacity() : random() % 65536});
  }
  return requests;
}

std::vector<Cycle> times(const Outcome& outcome) {
  std::vector<Cycle> result;
  for (const Completion& c : outcome.completions) result.push_back(c.time);
  return result;
}

}  // namespace

TEST_CASE("the order of submission does not matter") {
  for (const Config& config : {kDdr3_1600, kDdr4_2666, kHbm2}) {
    std::vector<Request> requests = random_requests(config, 6000, 3);
    const Outcome first = run(config, requests);
    REQUIRE(first.fault == "");
    std::mt19937_64 random(4);
    for (int i = 0; i < 3; ++i) {
      std::shuffle(requests.begin(), requests.end(), random);
      const Outcome again = run(config, requests);
      REQUIRE(times(again) == times(first));
      REQUIRE(again.commands == first.commands);
    }
    const Outcome lazy = run_lazily(config, requests);
    CHECK(lazy.fault == "");
    CHECK(times(lazy) == times(first));
  }
}

TEST_CASE("equal times are served by requester, then by id") {
  const Config config = plain(kDdr3_1600);
  std::vector<Request> requests;
  for (std::uint64_t i = 0; i < 8; ++i) {
    requests.push_back({i, static_cast<std::uint32_t>(3 - i / 2), Direction::kRead, 0,
                        address_of(config, 0, 0, static_cast<std::int64_t>(i))});
  }
  const Outcome outcome = run(config, requests);
  std::vector<std::uint64_t> order(8);
  for (std::uint64_t i = 0; i < 8; ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](std::uint64_t a, std::uint64_t b) {
    return outcome.completions[a].time < outcome.completions[b].time;
  });
  CHECK(order == std::vector<std::uint64_t>{6, 7, 4, 5, 2, 3, 0, 1});
}

TEST_CASE("no request of 100,000 random ones is lost") {
  const Config& config = kDdr4_2666;
  const Outcome outcome = run(config, random_requests(config, 100000, 11));
  CHECK(outcome.fault == "");
  CHECK(outcome.statistics.reads + outcome.statistics.writes == 100000);
  CHECK(outcome.statistics.row_hits + outcome.statistics.row_misses +
            outcome.statistics.row_conflicts ==
        100000);
}

TEST_CASE("row hits go first") {
  const Config config = plain(kDdr3_1600);
  const Outcome outcome =
      run(config, number({read_of(address_of(config, 0, 0)), read_of(address_of(config, 0, 1)),
                          read_of(address_of(config, 0, 0, 1), 5)}));
  CHECK(outcome.completions[2].time == outcome.completions[0].time + 4);
  CHECK(outcome.completions[1].time > outcome.completions[2].time);
}

// A request is old after `patience`; then the other direction may still have its quantum of bursts.
TEST_CASE("neither hits nor the other direction starve a request") {
  for (const Direction direction : {Direction::kRead, Direction::kWrite}) {
    Config config = plain(kDdr3_1600);
    config.geometry.row_bytes = 1 << 20;  // a row that could be streamed for 65536 clocks
    const Timing& t = config.timing;
    const Client hits{8000, 32,
                      [&](std::int64_t i) { return read_of(address_of(config, 0, 0, i)); }};
    const Client lone{1, 1, [&](std::int64_t) {
                        return Request{0, 0, direction, 0, address_of(config, 0, 1)};
                      }};
    // Deeper than the window of hits, so that the lone request is in the queue from the start.
    config.policy.queue_depth = 64;
    const Outcome outcome = run(config, {hits, lone});
    REQUIRE(outcome.fault == "");
    const Cycle waited = outcome.completions[32].time;
    CHECK(waited >= config.policy.patience);
    CHECK(waited <=
          config.policy.patience + t.cl + t.burst_length + t.wr + t.rc + t.rtw + t.rcd + t.cl);
  }
}

TEST_CASE("equal clients get equal parts") {
  const Config& config = kDdr4_2666;
  std::vector<Client> clients;
  for (std::uint64_t c = 0; c < 4; ++c) {
    const std::uint64_t base = c * (config.capacity() / 4);
    clients.push_back({4000, 64, [=](std::int64_t i) {
                         return read_of(base + 64 * static_cast<std::uint64_t>(i));
                       }});
  }
  const Outcome outcome = run(config, clients);
  REQUIRE(outcome.fault == "");
  std::vector<Cycle> end(4);
  for (const Completion& c : outcome.completions) {
    end[c.requester] = std::max(end[c.requester], c.time);
  }
  for (const Cycle e : end) CHECK(e >= 0.95 * outcome.end());
}

}  // namespace dram_test
