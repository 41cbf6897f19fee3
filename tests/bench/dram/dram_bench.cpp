// Requests a second that the DRAM model serves: what a simulated burst costs the simulator.
#include <benchmark/benchmark.h>

#include <array>
#include <random>

#include "drivers/emu/dram/memory.hpp"
#include "drivers/emu/dram/presets.hpp"

namespace {

using namespace rdu_hw::dram;

constexpr std::int64_t kRequests = 1 << 18;

// One unit with so many requests outstanding; address(i) and direction(i) make its i-th request.
template <typename Address, typename IsWrite>
void serve_all(benchmark::State& state, const Config& config, int outstanding, Address address,
               IsWrite is_write) {
  double share = 0;
  for (auto _ : state) {
    Memory memory(config);
    std::int64_t sent = 0;
    const auto send = [&](Cycle time) {
      if (sent == kRequests) return;
      const std::int64_t i = sent++;
      memory.submit({static_cast<std::uint64_t>(i), 0,
                     is_write(i) ? Direction::kWrite : Direction::kRead, time, address(i)});
    };
    for (int i = 0; i < outstanding; ++i) send(0);
    while (memory.next_decision()) {
      if (const auto done = memory.serve()) send(done->time);
    }
    share = memory.statistics().bandwidth(config) / config.peak_bytes_per_cycle();
  }
  state.SetItemsProcessed(state.iterations() * kRequests);
  state.counters["share_of_peak"] = share;
}

const std::array<const Config*, 4> kPresets{&kDdr3_1600, &kDdr4_2666, &kLpddr4_3200, &kHbm2};
const std::array<const char*, 4> kNames{"ddr3_1600x4", "ddr4_2666x6", "lpddr4_3200", "hbm2x8"};

const Config& preset(benchmark::State& state) {
  state.SetLabel(kNames[state.range(0)]);
  return *kPresets[state.range(0)];
}

void stream_reads(benchmark::State& state) {
  const Config& config = preset(state);
  serve_all(
      state, config, 64 * config.geometry.channels,
      [](std::int64_t i) { return static_cast<std::uint64_t>(i) * 64; },
      [](std::int64_t) { return false; });
}

void copy(benchmark::State& state) {
  const Config& config = preset(state);
  const std::uint64_t far = config.capacity() / 2;
  serve_all(
      state, config, 64 * config.geometry.channels,
      [=](std::int64_t i) { return static_cast<std::uint64_t>(i / 2) * 64 + i % 2 * far; },
      [](std::int64_t i) { return i % 2 == 1; });
}

void random_reads(benchmark::State& state) {
  const Config& config = preset(state);
  std::mt19937_64 random(1);
  serve_all(
      state, config, 64 * config.geometry.channels, [&](std::int64_t) { return random(); },
      [](std::int64_t) { return false; });
}

}  // namespace

BENCHMARK(stream_reads)->DenseRange(0, 3)->Unit(benchmark::kMillisecond);
BENCHMARK(copy)->DenseRange(0, 3)->Unit(benchmark::kMillisecond);
BENCHMARK(random_reads)->DenseRange(0, 3)->Unit(benchmark::kMillisecond);

BENCHMARK_MAIN();
