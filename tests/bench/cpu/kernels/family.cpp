// Runs cases and sets their figures beside what this machine could do: `of_limit` is the least time over the time taken.
#include "tests/bench/cpu/kernels/family.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <rdu/plugin.hpp>

#include "tools/rdu/machine.hpp"

namespace cpu_bench {
namespace {

// Measured anew in each run: what neighbours leave of a shared machine's memory changes.
const rdu::tool::MachineLimits& machine() {
  static const rdu::tool::MachineLimits limits = rdu::tool::measure_machine();
  return limits;
}

double least_seconds(const Case& work, std::uint32_t threads) {
  const rdu::tool::LimitsOf& limits = machine().of(threads);
  // A narrow unit that the machine lacks leaves the work to the wide one.
  const double narrow = work.unit == Unit::kBytes        ? limits.int8_gops
                        : work.unit == Unit::kHalfFloats ? limits.bf16_gflops
                                                         : 0;
  const double rate = std::max(narrow, limits.fp32_gflops);
  const double moving = limits.least_us(0, work.bytes, false) * 1e-6;
  return std::max(moving, rate > 0 ? work.operations / (rate * 1e9) : 0);
}

std::uint64_t count_of(const rdu::artifact::Value& value) {
  std::uint64_t count = 1;
  for (const std::int64_t d : value.dims) count *= static_cast<std::uint64_t>(d);
  return count;
}

void run_case(benchmark::State& state, const Build& build) {
  Case work;
  build(work);
  const auto threads = static_cast<std::uint32_t>(state.range(0));
  const auto flat = work.graph.flat();
  Device device("cpu:?threads=" + std::to_string(threads));
  Loaded loaded(device, flat);
  for (const ValueId id : work.graph.variant().graphs[0].inputs) {
    const auto& value = work.graph.variant().values[id];
    fill_random(value.dtype, id, loaded.storage(id).data(), count_of(value));
  }
  if (const Outcome first = loaded.run(); !first.ok()) {
    return state.SkipWithError(first.message.c_str());
  }
  for (auto _ : state) {
    const Outcome outcome = loaded.run();
    if (!outcome.ok()) state.SkipWithError(outcome.message.c_str());
  }
  using benchmark::Counter;
  const auto rate = [](double value) { return Counter(value, Counter::kIsIterationInvariantRate); };
  state.counters["GB/s"] = rate(work.bytes / 1e9);
  if (work.operations != 0) state.counters["GFLOP/s"] = rate(work.operations / 1e9);
  state.counters["of_limit"] = rate(least_seconds(work, threads));
}

}  // namespace

ValueId Case::input(rdu_dtype dtype, const Dims& dims) {
  const ValueId id = graph.input(dtype, dims);
  bytes += static_cast<double>(count_of(graph.variant().values[id]) *
                               rdu::plugin::dtype_bytes(dtype, 1));
  return id;
}

ValueId Case::output(rdu_dtype dtype, const Dims& dims) {
  const ValueId id = graph.output(dtype, dims);
  bytes += static_cast<double>(count_of(graph.variant().values[id]) *
                               rdu::plugin::dtype_bytes(dtype, 1));
  return id;
}

ValueId Case::weights(rdu_dtype dtype, const Dims& dims) {
  std::uint64_t count = 1;
  for (const std::int64_t d : dims) count *= static_cast<std::uint64_t>(d);
  std::vector<std::byte> data(rdu::plugin::dtype_bytes(dtype, count));
  fill_random(dtype, 17, data.data(), count);
  bytes += static_cast<double>(data.size());
  return graph.constant(dtype, dims, std::move(data));
}

void add_case(const std::string& name, Build build) {
  benchmark::RegisterBenchmark(name.c_str(), run_case, std::move(build))
      ->Arg(1)
      ->Arg(2)
      ->UseRealTime()
      ->Unit(benchmark::kMicrosecond);
}

Access identity(std::uint32_t rank) {
  Access access;
  for (std::uint32_t l = 0; l < rank; ++l) access.push_back(loop(l));
  return access;
}

}  // namespace cpu_bench

int main(int argc, char** argv) {
  cpu_bench::add_products();
  cpu_bench::add_narrow_products();
  cpu_bench::add_convolutions();
  cpu_bench::add_windows();
  cpu_bench::add_rows();
  cpu_bench::add_maps();
  cpu_bench::add_moves();
  cpu_bench::add_attention();
  cpu_bench::add_recurrent();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
}
