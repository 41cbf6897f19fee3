// Section after section on one clock.
#include <algorithm>
#include <exception>
#include <new>

#include "drivers/emu/arith/environment.hpp"
#include "drivers/emu/chip/bindings.hpp"
#include "drivers/emu/chip/chip.hpp"
#include "drivers/emu/chip/phases.hpp"
#include "drivers/emu/chip/section.hpp"

namespace rdu_hw::emu {
namespace {

// One section from `begin` on; whether it came to its end.
bool run_section(World& world, Controllers& controllers, std::uint32_t number, Time begin,
                 Result& result) {
  SectionReport report;
  report.begin = begin;
  report.program_load = program_load(world.arch);
  report.argument_load = argument_load(world.image, number, world.arch);
  world.start = report.start();
  const auto before = controllers.statistics();
  Section section(world, controllers, number);
  if (!section.run(result.failure, result.error)) return false;
  report.execution = section.execution_end() - world.start;
  report.quiesce = section.quiet_end() - section.execution_end();
  const auto after = controllers.statistics();
  for (std::size_t tier = 0; tier < kNumTiers; ++tier) {
    report.memory[tier] = after[tier] - before[tier];
  }
  section.report(result.report);
  result.report.sections.push_back(report);
  result.report.cycles = report.end();
  return true;
}

Result run_all(const rdu_hw_image& image, const rdu_hw_arch& arch, std::span<Binding> bindings,
               std::span<const Memory, kNumTiers> memory, const Options& options) {
  Result result;
  result.error = find_fault(image, bindings, memory, options.values);
  if (!result.error.empty()) {
    result.failure = Failure::kBinding;
    return result;
  }
  const arith::DefaultEnvironment environment;
  Scratchpads scratchpads(arch);
  Controllers controllers(arch);
  World world = {image,   arch,           bindings,   {memory[0], memory[1]},
                 options, arith::forms(), scratchpads};
  for (std::uint32_t i = 0; i < image.num_sections; ++i) {
    if (!run_section(world, controllers, i, result.report.cycles, result)) break;
  }
  return result;
}

}  // namespace

Result run(const rdu_hw_image& image, const rdu_hw_arch& arch, std::span<Binding> bindings,
           std::span<const Memory, kNumTiers> memory, const Options& options) noexcept {
  Result failed;
  failed.failure = Failure::kResources;
  try {
    return run_all(image, arch, bindings, memory, options);
  } catch (const std::bad_alloc&) {
    failed.error = "out of memory";
  } catch (const std::exception& error) {
    failed.error = error.what();
  }
  return failed;
}

}  // namespace rdu_hw::emu
