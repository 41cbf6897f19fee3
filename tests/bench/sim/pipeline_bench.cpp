// Elements per second through a pipeline of three units, by depth of its channels, in blocks and vector by vector; and
// with 64 bytes of values per element, copied by each unit.
#include <benchmark/benchmark.h>

#include <cstring>
#include <memory>

#include "drivers/emu/sim/firing.hpp"
#include "drivers/emu/sim/schedule.hpp"

namespace sim_bench {
namespace {

using namespace rdu_hw::sim;

constexpr std::int64_t kElements = 1 << 18;
constexpr std::size_t kBytes = 64;

class Stage : public Unit {
 public:
  Stage(Channel* in, Channel* out, std::int64_t granularity)
      : Unit("stage"), firing(kElements), in_(in), out_(out) {
    firing.set_granularity(granularity);
    if (in != nullptr) firing.add_input(*in);
    if (out != nullptr) firing.add_output(*out);
  }
  Progress run() override {
    return firing.run([this](std::int64_t count) {
      if (in_ == nullptr || out_ == nullptr) return;
      const auto from = in_->front(count);
      if (!from.empty()) std::memcpy(out_->back(count).data(), from.data(), from.size());
    });
  }
  Time now() const override { return firing.ready(); }

  Firing firing;

 private:
  Channel* in_;
  Channel* out_;
};

// Arguments: depth, greatest block (0: unlimited), whether elements have bytes.
void three_stages(benchmark::State& state) {
  const std::int64_t depth = state.range(0);
  const std::int64_t granularity = state.range(1) == 0 ? kUnlimited : state.range(1);
  Time cycles = 0;
  for (auto _ : state) {
    Ring first(depth, kBytes), second(depth, kBytes);
    const bool values = state.range(2) != 0;
    Channel ab({"ab", depth, 3, 1}, values ? &first : nullptr);
    Channel bc({"bc", depth, 3, 1}, values ? &second : nullptr);
    Stage a(nullptr, &ab, granularity), b(&ab, &bc, granularity), c(&bc, nullptr, granularity);
    ab.connect(&a, &b);
    bc.connect(&b, &c);
    Schedule schedule;
    schedule.add(a);
    schedule.add(b);
    schedule.add(c);
    cycles = schedule.run().end;
  }
  state.SetItemsProcessed(state.iterations() * kElements);
  state.counters["cycles"] = static_cast<double>(cycles);
  state.counters["cycles/s"] = benchmark::Counter(static_cast<double>(cycles),
                                                  benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(three_stages)
    ->ArgNames({"depth", "block", "values"})
    ->ArgsProduct({{4, 16, 256, 4096}, {0, 1}, {0, 1}})
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace sim_bench

BENCHMARK_MAIN();
