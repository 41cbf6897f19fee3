// The manual's rules once more, as plainly as possible: every clock of one channel is looked at.
#pragma once

#include <vector>

#include "tests/drivers/emu/dram/drive.hpp"

namespace dram_test {

// The commands of one channel for requests that are all known beforehand.
std::vector<Command> tick(const Config& config, const std::vector<Request>& requests, int channel);

}  // namespace dram_test
