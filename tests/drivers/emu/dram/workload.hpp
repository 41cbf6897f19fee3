// Random memories and random requests that meet every corner of the controller.
#pragma once

#include <random>
#include <vector>

#include "tests/drivers/emu/dram/drive.hpp"

namespace dram_test {

// A preset with changed ranks, map, refresh interval, clock ratio and policy.
Config random_config(std::mt19937_64& random);

// Phases of single rows, hot banks, streams and scattered bursts, of one direction or mixed, with idle times between.
std::vector<Request> random_requests(const Config& config, std::mt19937_64& random, int count);

}  // namespace dram_test
