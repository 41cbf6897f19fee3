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

}  // namespace

TEST_CASE("how a random program is simulated changes nothing", "[chip]") {
  const std::vector<rdu_hw_arch> chips = image_test::small_chips();
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    INFO("seed " << seed);
    const rdu_hw_arch& arch = chips[seed % chips.size()];
    const rdu_hw::image::Program program = image_test::random_program(seed, arch);
    const auto outcome = [&](const Options& options) {
      Machine machine(arch, program, 4 * (seed % 16));
      machine.fill_random(seed);
      std::vector<Time> times = times_of(machine.report(options));
      return std::pair(std::move(times), machine.contents());
    };
    const auto blocks = outcome({});
    const auto vectors = outcome({.granularity = 1});
    const auto shuffled = outcome({.granularity = 3, .shuffle = seed});
    REQUIRE(vectors.first == blocks.first);
    REQUIRE(shuffled.first == blocks.first);
    REQUIRE(vectors.second == blocks.second);
    REQUIRE(shuffled.second == blocks.second);
    REQUIRE(outcome({.values = false}).first == blocks.first);
  }
}
