// Opens the driver, loads each program, binds it to fresh memory and runs it once.
#include "tools/rdu/chip/measure.hpp"

#include <rdu_hw/driver.h>

#include <algorithm>
#include <array>

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

ChipPtr open_chip(const rdu_hw_arch& arch) {
  rdu_hw_chip_options options = {};
  options.timing_only = 1;
  rdu_hw_chip* chip = nullptr;
  rdu_hw_error error = {};
  check(rdu_hw_chip_open(&arch, &options, &chip, &error), error, "the chip");
  return ChipPtr(chip);
}

// Puts the arguments of a program into fresh memory of a chip.
class Binder {
 public:
  Binder(rdu_hw_chip* chip, const ChipProgram& program)
      : chip_(chip), image_(*program.image), package_(program.package.get()) {}

  std::vector<rdu_hw_bound> run() {
    std::array<std::uint64_t, RDU_HW_NUM_TIERS> scratch = {};
    for (std::uint32_t tier = 0; package_ != nullptr && tier < RDU_HW_NUM_TIERS; ++tier) {
      if (package_->scratch_bytes[tier] == 0) continue;
      scratch[tier] = allocate(tier, package_->scratch_bytes[tier], scratch_alignment(tier));
    }
    std::vector<rdu_hw_bound> bound(image_.num_arguments);
    for (std::uint32_t i = 0; i < image_.num_arguments; ++i) {
      const rdu_hw_argument& argument = image_.arguments[i];
      const rdu_hw_binding binding = package_ == nullptr ? rdu_hw_binding{} : package_->bindings[i];
      if (argument.kind == RDU_HW_ARGUMENT_SCALAR) {
        bound[i].word = binding.word;
      } else if (binding.source == RDU_HW_SOURCE_SCRATCH) {
        bound[i].address = scratch[argument.tier] + binding.offset;
      } else {
        bound[i].address = allocate(argument.tier, argument.bytes, argument.alignment);
      }
    }
    return bound;
  }

 private:
  // Where every region in it is aligned.
  std::uint32_t scratch_alignment(std::uint32_t tier) const {
    std::uint32_t alignment = 1;
    for (std::uint32_t i = 0; i < image_.num_arguments; ++i) {
      if (package_->bindings[i].source != RDU_HW_SOURCE_SCRATCH ||
          image_.arguments[i].tier != tier) {
        continue;
      }
      alignment = std::max(alignment, image_.arguments[i].alignment);
    }
    return alignment;
  }

  std::uint64_t allocate(std::uint32_t tier, std::uint64_t bytes, std::uint64_t alignment) {
    std::uint64_t address = 0;
    rdu_hw_error error = {};
    check(rdu_hw_memory_allocate(chip_, tier, bytes, alignment, &address, &error), error,
          "the chip's memory");
    return address;
  }

  rdu_hw_chip* chip_;
  const rdu_hw_image& image_;
  const rdu_hw_package* package_;
};

RunCounters measure(rdu_hw_chip* chip, const ChipProgram& program, Trace trace) {
  rdu_hw_error error = {};
  rdu_hw_module* loaded = nullptr;
  check(rdu_hw_module_load(chip, program.image_bytes.data(), program.image_bytes.size(), &loaded,
                           &error),
        error, "loading");
  const ModulePtr module(loaded);
  const std::vector<rdu_hw_bound> bound = Binder(chip, program).run();
  rdu_hw_run* started = nullptr;
  check(rdu_hw_run_start(module.get(), bound.data(), static_cast<std::uint32_t>(bound.size()),
                         trace == Trace::kOn ? RDU_HW_RUN_TRACE : 0, &started, &error),
        error, "starting");
  const RunPtr run(started);
  std::uint32_t done = 0;
  check(rdu_hw_run_wait(run.get(), UINT64_MAX, &done, &error), error, "running");
  rdu_hw_counters counters = {};
  check(rdu_hw_run_counters(run.get(), &counters, &error), error, "counting");
  return copy_counters(counters);
}

}  // namespace

void measure_work(ChipWork& work, Trace trace) {
  for (ChipProgram& program : work.programs) {
    const ChipPtr chip = open_chip(work.arch);
    program.counters = measure(chip.get(), program, trace);
  }
}

}  // namespace rdu::tool
