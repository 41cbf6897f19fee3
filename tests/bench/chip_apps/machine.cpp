// Settings that are the same for all kernels.
#include "tests/bench/chip_apps/machine.hpp"

#include <functional>
#include <limits>
#include <utility>

namespace chip_apps {
namespace {

using base::Code;
using base::fail;
using base::Result;

// The kernel alone is counted, and begins on a memory whose first refresh is a whole interval ahead, as in the published runs: what the
// chip does before its contexts start takes next to no time.
void leave_out_loads(rdu_hw_load& load) {
  load.program_bits_per_unit = 1;
  load.argument_bytes_per_s = load.program_bytes_per_s = 1'000'000'000'000'000;
  load.argument_cycles = 0;
}

Result<void> load_chip(Machine& machine, const std::string& name) {
  rdu_hw_arch_error error = {};
  if (rdu_hw_arch_load(name.c_str(), &machine.arch, &error) != RDU_HW_ARCH_OK) {
    return fail(Code::kNotFound, "chip: %s", error.text);
  }
  leave_out_loads(machine.arch.load);
  return {};
}

Result<void> choose(const Setting& setting, const std::vector<std::string>& choices,
                    const std::function<void(std::size_t)>& take) {
  const Result<std::size_t> choice = read_choice(setting, choices);
  if (!choice) return choice.error();
  take(*choice);
  return {};
}

Result<void> apply(Machine& machine, const Setting& setting, bool& known) {
  if (setting.key == "network") {
    return choose(setting, {"ideal", "routed"}, [&](std::size_t i) {
      machine.arch.network.kind = i == 0 ? RDU_HW_NETWORK_IDEAL : RDU_HW_NETWORK_ROUTED;
    });
  }
  if (setting.key == "metapipe") {
    return choose(setting, {"on", "off"}, [&](std::size_t i) {
      machine.overlap = i == 0 ? Overlap::kMetapipe : Overlap::kNone;
    });
  }
  if (setting.key == "granularity") {
    return choose(setting, {"block", "vector"},
                  [&](std::size_t i) { machine.granularity = static_cast<std::int64_t>(i); });
  }
  if (setting.key == "stages") {
    return choose(setting, {"0", "1"}, [&](std::size_t i) { machine.stages = i == 1; });
  }
  if (setting.key == "speed") {
    return choose(setting, {"0", "1"}, [&](std::size_t i) { machine.speed = i == 1; });
  }
  if (setting.key == "seed") {
    const Result<std::int64_t> seed =
        read_number(setting, 0, std::numeric_limits<std::int64_t>::max());
    if (!seed) return seed.error();
    machine.seed = static_cast<std::uint64_t>(*seed);
    return {};
  }
  known = setting.key == "chip";
  return {};
}

}  // namespace

Result<Machine> take_machine(std::vector<Setting>& settings) {
  Machine machine;
  std::string chip = "sara20";
  for (const Setting& setting : settings) {
    if (setting.key == "chip") chip = setting.value;
  }
  if (Result<void> loaded = load_chip(machine, chip); !loaded) return loaded.error();
  std::vector<Setting> others;
  for (Setting& setting : settings) {
    bool known = true;
    if (Result<void> applied = apply(machine, setting, known); !applied) return applied.error();
    if (!known) others.push_back(std::move(setting));
  }
  settings = std::move(others);
  return machine;
}

}  // namespace chip_apps
