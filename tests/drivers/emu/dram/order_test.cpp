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

// The first request of all, against a stream that would never let it through.
Cycle wait_against(const Config& config, const Request& lone, Direction direction, int first_bank,
                   int banks) {
  const Client alone{1, 1, [&](std::int64_t) { return lone; }};
  const Client stream{6000, 63, [&, banks](std::int64_t i) {
                        const auto n = static_cast<int>(i % banks);
                        Request r = read_of(address_of(config, first_bank + n, 0, i / banks));
                        r.direction = direction;
                        return r;
                      }};
  const Outcome outcome = run(config, {alone, stream});
  CHECK(outcome.fault == "");
  return outcome.completions[0].time;
}

// An old request waits for the other direction's turn, then for each of its own commands as long as its bank and the
// bus need; a refresh may come between.
Cycle bound(const Config& config) {
  const Timing& t = config.timing;
  const Clock gap = std::max({t.ccd_l, t.rtw, t.cwl + t.burst_length / 2 + t.wtr_l}) + t.rtrs;
  const Clock own = std::max(t.ras, t.cwl + t.burst_length / 2 + t.wr) + t.rp + t.rcd + gap;
  const Clock turn = config.policy.quantum * std::max(t.ccd_l, t.burst_length / 2) + own;
  const Clock refresh = t.rfc + own;
  return config.policy.patience + turn + own + refresh + std::max(t.cl, t.cwl) + t.burst_length / 2;
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

TEST_CASE("neither hits, nor the other rank, nor the other direction starve a request") {
  for (const Config& preset : {kDdr3_1600, kDdr4_2666, kHbm2}) {
    for (const int quantum : {1, 32}) {
      Config config = plain(preset);
      config.geometry.ranks = 2;
      config.geometry.row_bytes = 1 << 20;  // a row that can be streamed for long
      config.policy.queue_depth = 64;
      config.policy.quantum = quantum;
      const Cycle patience = config.policy.patience;
      const std::uint64_t other_row = address_of(config, 0, 1);
      const std::uint64_t other_rank = address_of(config, config.geometry.banks_per_rank(), 0);
      for (const Direction direction : {Direction::kRead, Direction::kWrite}) {
        CAPTURE(config.timing.cl, quantum, static_cast<int>(direction));
        const Cycle read = wait_against(config, read_of(other_row), direction, 0, 1);
        const Cycle write = wait_against(config, write_of(other_row), direction, 0, 1);
        CHECK(read <= bound(config));
        CHECK(write <= bound(config));
        CHECK(wait_against(config, read_of(other_rank), direction, 0, 4) <= bound(config));
        CHECK(wait_against(config, write_of(other_rank), direction, 0, 4) <= bound(config));
      }
      // Without the rule for old requests a write would wait for all reads: its patience does end first.
      CHECK(wait_against(config, write_of(other_row), Direction::kRead, 0, 1) >= patience);
    }
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
