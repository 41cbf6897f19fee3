// Section after section on one clock.
#include <algorithm>
#include <exception>
#include <new>
#include <utility>

#include "drivers/emu/arith/environment.hpp"
#include "drivers/emu/chip/bindings.hpp"
#include "drivers/emu/chip/chip.hpp"
#include "drivers/emu/chip/phases.hpp"
#include "drivers/emu/chip/section.hpp"

namespace rdu_hw::emu {
namespace {

// One section, whose program may be there; whether it came to its end.
bool run_section(World& world, Controllers& controllers, std::uint32_t number, bool is_loaded,
                 Result& result) {
  SectionReport report;
  report.begin = result.report.cycles;
  report.program_load = is_loaded ? 0 : program_load(world.arch);
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
               std::span<const Memory, kNumTiers> memory, const Options& options, Held& held) {
  Result result;
  result.error = find_fault(image, bindings, memory, options.values);
  if (!result.error.empty()) {
    result.failure = Failure::kBinding;
    return result;
  }
  const arith::DefaultEnvironment environment;
  const std::uint32_t num_setup = rdu_hw_image_num_setup_sections(&image);
  if (num_setup == 0 || !held.is_set_up) held.scratchpads = Scratchpads(arch);
  result.report.first_section = held.is_set_up ? num_setup : 0;
  held.is_set_up = false;
  std::uint32_t loaded = std::exchange(held.program, RDU_HW_NONE);
  Controllers controllers(arch);
  World world = {image,   arch,           bindings,        {memory[0], memory[1]},
                 options, arith::forms(), held.scratchpads};
  for (std::uint32_t i = result.report.first_section; i < image.num_sections; ++i) {
    if (!run_section(world, controllers, i, i == loaded, result)) return result;
    loaded = i;
  }
  held.is_set_up = true;
  held.program = loaded;
  return result;
}

template <typename Body>
Result guard(const Body& body) noexcept {
  Result failed;
  failed.failure = Failure::kResources;
  try {
    return body();
  } catch (const std::bad_alloc&) {
    failed.error = "out of memory";
  } catch (const std::exception& error) {
    failed.error = error.what();
  }
  return failed;
}

}  // namespace

Result run(const rdu_hw_image& image, const rdu_hw_arch& arch, std::span<Binding> bindings,
           std::span<const Memory, kNumTiers> memory, const Options& options) noexcept {
  return guard([&] {
    Held reset(arch);
    return run_all(image, arch, bindings, memory, options, reset);
  });
}

Result run(const rdu_hw_image& image, const rdu_hw_arch& arch, std::span<Binding> bindings,
           std::span<const Memory, kNumTiers> memory, const Options& options, Held& held) noexcept {
  return guard([&] { return run_all(image, arch, bindings, memory, options, held); });
}

}  // namespace rdu_hw::emu
