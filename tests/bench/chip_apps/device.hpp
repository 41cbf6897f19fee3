// What a kernel's arguments hold before a run, and what they must hold behind it.
#pragma once

#include <rdu_hw/arch.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/bench/chip_apps/kernel.hpp"

namespace chip_apps {

struct Device {
  std::vector<std::byte> memory;
  std::vector<std::uint64_t> addresses;  // by argument; 0 of a scalar
  std::vector<std::uint32_t> words;      // by argument, of scalars
};

// Regions lie one behind another, so that small ones share rows; each that fills rows of its own begins in another bank than the one
// before, so that streams that run together do not close each other's.
Device load_device(const Kernel& kernel, const rdu_hw_dram& dram);

// The first result that is not what is expected, as a sentence; empty when all are.
std::string find_wrong(const Device& device, const Kernel& kernel);

}  // namespace chip_apps
