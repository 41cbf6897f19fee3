// Opens the driver, loads each program, binds it to fresh memory, runs it, and once more as it finds the chip then; with values where times
// depend on them.
#include "tools/rdu/chip/measure.hpp"

#include <rdu_hw/driver.h>

#include <optional>

#include "tools/rdu/chip/bind_program.hpp"
#include "tools/rdu/error.hpp"

namespace rdu::tool {

namespace {

void check(rdu_hw_code code, const rdu_hw_error& error, const char* what) {
  if (code != RDU_HW_OK) throw ToolError(std::string(what) + ": " + error.text);
}

struct Free {
  void operator()(rdu_hw_chip* chip) const { rdu_hw_chip_close(chip); }
  void operator()(rdu_hw_module* module) const { rdu_hw_module_unload(module); }
  void operator()(rdu_hw_run* run) const { rdu_hw_run_free(run); }
};
using ChipPtr = std::unique_ptr<rdu_hw_chip, Free>;
using ModulePtr = std::unique_ptr<rdu_hw_module, Free>;
using RunPtr = std::unique_ptr<rdu_hw_run, Free>;

ChipPtr open_chip(const rdu_hw_arch& arch, Contents contents) {
  rdu_hw_chip_options options = {};
  options.timing_only = contents == Contents::kNone ? 1 : 0;
  rdu_hw_chip* chip = nullptr;
  rdu_hw_error error = {};
  check(rdu_hw_chip_open(&arch, &options, &chip, &error), error, "the chip");
  return ChipPtr(chip);
}

// To its end; null where times depend on values and there are none.
RunPtr run_once(rdu_hw_module* module, const std::vector<rdu_hw_bound>& bound, Trace trace,
                Contents contents) {
  rdu_hw_error error = {};
  rdu_hw_run* started = nullptr;
  check(rdu_hw_run_start(module, bound.data(), static_cast<std::uint32_t>(bound.size()),
                         trace == Trace::kOn ? RDU_HW_RUN_TRACE : 0, &started, &error),
        error, "starting");
  RunPtr run(started);
  std::uint32_t done = 0;
  const rdu_hw_code code = rdu_hw_run_wait(run.get(), UINT64_MAX, &done, &error);
  if (code == RDU_HW_ERR_UNSUPPORTED && contents == Contents::kNone) return nullptr;
  check(code, error, "running");
  return run;
}

rdu_hw_counters counters_of(const RunPtr& run) {
  rdu_hw_error error = {};
  rdu_hw_counters counters = {};
  check(rdu_hw_run_counters(run.get(), &counters, &error), error, "counting");
  return counters;
}

// Nothing where times depend on values and there are none.
std::optional<RunCounters> measure(const ChipWork& work, const ChipProgram& program, Trace trace,
                                   Contents contents) {
  const ChipPtr chip = open_chip(work.arch, contents);
  rdu_hw_error error = {};
  rdu_hw_module* loaded = nullptr;
  check(rdu_hw_module_load(chip.get(), program.image_bytes.data(), program.image_bytes.size(),
                           &loaded, &error),
        error, "loading");
  const ModulePtr module(loaded);
  const std::vector<rdu_hw_bound> bound = bind_program(chip.get(), program, work.graph, contents);
  const RunPtr first = run_once(module.get(), bound, trace, contents);
  if (first == nullptr) return std::nullopt;
  RunCounters counters = copy_counters(counters_of(first));
  // Programs that take turns find nothing of their own.
  if (work.programs.size() == 1) {
    counters.later_cycles =
        counters_of(run_once(module.get(), bound, Trace::kOff, contents)).cycles;
  }
  return counters;
}

}  // namespace

void measure_work(ChipWork& work, Trace trace) {
  for (ChipProgram& program : work.programs) {
    program.counters = measure(work, program, trace, Contents::kNone);
    program.needed_values = !program.counters;
    if (program.needed_values) {
      program.counters = measure(work, program, trace, Contents::kZeros);
    }
  }
}

}  // namespace rdu::tool
