// What handing work to the workers costs: regions of empty tasks one after the other, and with a pause between them in
// which this thread works alone. The limit beside it is a task that is called directly.
#include <benchmark/benchmark.h>
#include <time.h>

#include <atomic>

#include "plugins/cpu/flow.hpp"

using rdu::cpu::Flow;

namespace {

std::int64_t now_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}

// range(0): tasks of a region; range(1): nanoseconds between regions.
void region(benchmark::State& state) {
  const Flow flow(2);
  std::atomic<std::int64_t> done{0};
  for (auto _ : state) {
    flow.parallel(state.range(0), [&](std::int64_t, std::uint32_t) {
      done.fetch_add(1, std::memory_order_relaxed);
    });
    if (state.range(1) == 0) continue;
    state.PauseTiming();
    for (const std::int64_t end = now_ns() + state.range(1); now_ns() < end;) {
    }
    state.ResumeTiming();
  }
  if (done.load() != state.iterations() * state.range(0)) state.SkipWithError("tasks are missing");
}

BENCHMARK(region)->ArgsProduct({{1, 2, 8, 64}, {0}})->UseRealTime();
BENCHMARK(region)->ArgsProduct({{2}, {10'000, 200'000}})->UseRealTime();

}  // namespace
BENCHMARK_MAIN();
