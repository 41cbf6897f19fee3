// The chip that a kernel runs on, and how.
#pragma once

#include <rdu_hw/arch.h>

#include <cstdint>
#include <string>
#include <vector>

#include "tests/bench/chip_apps/nest.hpp"
#include "tests/bench/chip_apps/values.hpp"

namespace chip_apps {

struct Machine {
  rdu_hw_arch arch = {};
  Overlap overlap = Overlap::kMetapipe;
  std::int64_t granularity = 0;  // 0: blocks as long as the engine likes; 1: vector by vector
  std::uint64_t seed = 1;        // of data and of the placement
  bool stages = false;           // measure them
  bool speed = false;            // say how long the emulation took
};

// Takes chip=, network=, metapipe=, granularity=, seed=, stages= and speed= out of the settings.
base::Result<Machine> take_machine(std::vector<Setting>& settings);

}  // namespace chip_apps
