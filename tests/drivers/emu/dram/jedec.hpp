// The constraints between commands, stated pairwise and naively: what the model under test must obey.
#pragma once

#include <string>
#include <vector>

#include "drivers/emu/dram/memory.hpp"

namespace dram_test {

using rdu_hw::dram::Clock;
using rdu_hw::dram::Command;
using rdu_hw::dram::CommandKind;
using rdu_hw::dram::Config;
using rdu_hw::dram::Cycle;

std::string text(const Command& command);

// Clocks that must lie between two commands of one channel, the first before the second.
Clock required_gap(const Config& config, const Command& first, const Command& second);

// The same for two commands to one bank, by what the bank alone needs.
Clock bank_gap(const Config& config, CommandKind first, CommandKind second);

// The longest gap that required_gap can return.
Clock longest_gap(const Config& config);

// Whether the data of two column commands of one channel meet on the bus, or come too close for two ranks.
bool collide(const Config& config, const Command& a, const Command& b);

// The first violation of anything in a trace of all channels; empty if there is none.
std::string find_violation(const Config& config, const std::vector<Command>& trace);

}  // namespace dram_test
