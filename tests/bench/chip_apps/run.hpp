// Runs a kernel on the emulated chip and compares what comes out with what the plain computation expects.
#pragma once

#include <string>

#include "drivers/emu/chip/chip.hpp"
#include "tests/bench/chip_apps/build.hpp"

namespace chip_apps {

struct Outcome {
  rdu_hw::emu::Report report;
  std::string wrong;  // the first result that differs; empty: all are right
  double seconds = 0;

  // Of the kernel: from the start of its contexts to the acknowledgement of its last store. The program's and the arguments' load are outside.
  std::int64_t cycles() const;
  std::uint64_t dram_bytes(std::uint32_t burst_bytes) const;
};

base::Result<Outcome> run(const Program& program, const Machine& machine);

}  // namespace chip_apps
