// How long the stages of a kernel's loops take, measured in a run.
#pragma once

#include <string>
#include <vector>

#include "drivers/emu/chip/chip.hpp"
#include "tests/bench/chip_apps/build.hpp"

namespace chip_apps {

struct StageTime {
  std::string name;
  double cycles;  // of a trip, in the mean
};

// All runs of a loop together.
struct LoopTimes {
  std::string name;
  double runs;
  double trips;   // of one run
  double cycles;  // of one run, in the mean
  std::vector<StageTime> stages;
  double
      predicted;  // from the stages: trips · sum without overlap, (trips + stages - 1) · longest with it
};

}  // namespace chip_apps
