// Plays the units of a chip: requests of all kinds, and the loop that serves them.
#pragma once

#include <functional>
#include <random>
#include <string>
#include <vector>

#include "drivers/emu/dram/memory.hpp"
#include "tests/drivers/emu/dram/jedec.hpp"

namespace dram_test {

using rdu_hw::dram::Completion;
using rdu_hw::dram::Direction;
using rdu_hw::dram::Memory;
using rdu_hw::dram::Policy;
using rdu_hw::dram::Request;
using rdu_hw::dram::Statistics;

struct Outcome {
  std::vector<Completion> completions;  // by id, which counts from 0
  std::vector<Command> commands;
  Statistics statistics;
  std::string fault;  // what the loop itself saw, and what find_violation says

  Cycle end() const;
};

// Submits all requests, whose ids count from 0, in the order given, and serves until nothing is left.
Outcome run(const Config& config, const std::vector<Request>& requests);

// The same, but each request is submitted as late as the contract allows.
Outcome run_lazily(const Config& config, const std::vector<Request>& requests);

// A unit that keeps so many requests outstanding; next(i) is its i-th request, without id, time and requester.
struct Client {
  std::int64_t count;
  int outstanding;
  std::function<Request(std::int64_t)> next;
};

// Every completion causes its client's next request, `think` cycles later.
Outcome run(const Config& config, const std::vector<Client>& clients, Cycle think = 0);

// One clock of DRAM per cycle of the chip, one channel: closed forms can be read off.
Config plain(Config config);

Request read_of(std::uint64_t address, Cycle time = 0);
Request write_of(std::uint64_t address, Cycle time = 0);
std::vector<Request> number(std::vector<Request> requests);

std::uint64_t address_of(const Config& config, int bank, std::int64_t row, std::int64_t column = 0,
                         int channel = 0);

}  // namespace dram_test
