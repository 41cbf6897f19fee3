// Random programs: blocks, vectors, shuffled units and times only agree to the bit and to the cycle.
#include "tests/drivers/emu/chip/machine.hpp"
#include "tests/drivers/image/random_program.hpp"

using namespace chip_test;

namespace {

// All that a report says of time.
std::vector<Time> times_of(const rdu_hw::emu::Report& report) {
  std::vector<Time> times = {report.cycles};
  const auto add = [&](const rdu_hw::emu::Side& side) {
    times.insert(times.end(), {side.firings, side.busy, side.starved, side.blocked, side.queued,
                               side.conflicts, side.first, side.last});
    times.insert(times.end(), side.waited.begin(), side.waited.end());
  };
  for (const auto& section : report.sections) {
    times.insert(times.end(), {section.begin, section.execution, section.quiesce});
    for (const auto& tier : section.memory) {
      times.insert(times.end(), {tier.reads, tier.writes, tier.row_hits, tier.read_latency});
    }
  }
  for (const auto& context : report.contexts) {
    add(context.main);
    add(context.second);
  }
  for (const auto& link : report.links) times.push_back(link.elements);
  return times;
}

struct Outcome {
  Failure failure;
  std::string error;
  std::vector<Time> times;
  std::vector<std::byte> contents;
  bool operator==(const Outcome&) const = default;
};

Outcome outcome_of(const rdu_hw_arch& arch, const rdu_hw::image::Program& program,
                   std::uint64_t seed, const Options& options) {
  Machine machine(arch, program);
  machine.bind_random(seed);
  const Result result = machine.run(options);
  // What a run that fails leaves behind is not said.
  std::vector<std::byte> contents;
  if (result.ok()) contents = machine.contents();
  return {result.failure, result.error, times_of(result.report), std::move(contents)};
}

}  // namespace

TEST_CASE("how a random program is simulated changes nothing", "[chip]") {
  const std::vector<rdu_hw_arch> chips = image_test::small_chips();
  int without_values = 0;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    INFO("seed " << seed);
    const rdu_hw_arch& arch = chips[seed % chips.size()];
    const rdu_hw::image::Program program = image_test::random_program(seed, arch);
    Options options;
    const Outcome blocks = outcome_of(arch, program, seed, options);
    options.granularity = 1;
    REQUIRE(outcome_of(arch, program, seed, options) == blocks);
    options.granularity = 5;
    options.shuffle = seed;
    REQUIRE(outcome_of(arch, program, seed, options) == blocks);
    options = {};
    options.values = false;
    const Outcome times = outcome_of(arch, program, seed, options);
    if (times.failure == Failure::kUnsupported) continue;
    ++without_values;
    REQUIRE(times.failure == blocks.failure);
    REQUIRE(times.error == blocks.error);
    REQUIRE(times.times == blocks.times);
  }
  REQUIRE(without_values > 100);
}
