// How long the stages of a kernel's loops take, measured in a run that was traced.
#pragma once

#include <string>
#include <vector>

#include "drivers/emu/chip/chip.hpp"
#include "tests/bench/chip_apps/nest.hpp"

namespace chip_apps {

struct StageTime {
  std::string name;
  double cycles;  // of a trip, in the mean
};

// All trips of a loop, of all its runs. A stage's trip is served from when its turn before and the trip's stage before are over, until it is over
// itself.
struct LoopTimes {
  std::string name;
  std::int64_t trips = 0;
  std::int64_t cycles = 0;  // without what lies between its runs, where it does not overlap
  double predicted =
      0;  // trips · the sum of the stages; metapipelined, (trips + stages - 1) · the longest in each run
  std::vector<StageTime> stages;
};

LoopTimes measure_stages(const Loop& loop, Overlap overlap, const rdu_hw::emu::Report& report,
                         const std::vector<Chain>& chains);

}  // namespace chip_apps
