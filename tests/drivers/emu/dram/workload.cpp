// Draws from few choices each, so that combinations are met often.
#include "tests/drivers/emu/dram/workload.hpp"

#include "drivers/emu/dram/presets.hpp"

namespace dram_test {
namespace {

template <typename T>
T one_of(std::mt19937_64& random, std::initializer_list<T> choices) {
  return *(choices.begin() + random() % choices.size());
}

struct Phase {
  int kind, writes;  // of ten
  std::uint64_t base;
  Cycle gap;
};

Phase random_phase(const Config& config, std::mt19937_64& random) {
  return {static_cast<int>(random() % 4), one_of(random, {0, 0, 3, 5, 10}),
          random() % config.capacity(), one_of<Cycle>(random, {0, 0, 1, 5, 60})};
}

std::uint64_t address_in(const Config& config, const Phase& phase, std::mt19937_64& random, int i) {
  const std::uint64_t bank_stride = config.capacity() / config.geometry.rows;
  switch (phase.kind) {
    case 0:  // a stream
      return phase.base + 64 * static_cast<std::uint64_t>(i);
    case 1:  // few rows of few banks
      return phase.base + random() % 3 * bank_stride + random() % 512 * 64;
    case 2:  // one bank
      return phase.base / bank_stride * bank_stride + random() % 5 * bank_stride;
    default:
      return random() % config.capacity();
  }
}

}  // namespace

Config random_config(std::mt19937_64& random) {
  using namespace rdu_hw::dram;
  Config config = one_of(random, {kDdr3_1600, kDdr4_2666, kLpddr4_3200, kHbm2});
  config.geometry.channels = one_of(random, {1, 2, 3});
  config.geometry.ranks = one_of(random, {1, 1, 2, 4});
  config.geometry.map =
      one_of(random, {"rorabacobgch", "rorabacobgch", "rochrababgco", "robaracobgch"});
  if (random() % 2 == 0) config.timing.refi = 1000;  // refreshes meet everything else
  config.ratio = one_of<ClockRatio>(random, {{1, 1}, {4, 5}, {4, 3}, {8, 5}});
  config.policy = one_of<Policy>(
      random,
      {Policy{}, {8, 6, 2, 8, 300}, {1, 1, 0, 1, 200}, {16, 16, 0, 3, 40}, {4, 2, 1, 100, 5000}});
  return config;
}

std::vector<Request> random_requests(const Config& config, std::mt19937_64& random, int count) {
  std::vector<Request> requests;
  Cycle time = 0;
  Phase phase{};
  for (int i = 0; i < count; ++i) {
    if (i % 150 == 0) {
      phase = random_phase(config, random);
      if (random() % 3 == 0) time += static_cast<Cycle>(random() % 20000);
    }
    if (phase.gap > 0) time += static_cast<Cycle>(random() % (2 * phase.gap));
    const bool write = static_cast<int>(random() % 10) < phase.writes;
    requests.push_back({static_cast<std::uint64_t>(i), static_cast<std::uint32_t>(random() % 3),
                        write ? Direction::kWrite : Direction::kRead, time,
                        address_in(config, phase, random, i)});
  }
  return requests;
}

}  // namespace dram_test
