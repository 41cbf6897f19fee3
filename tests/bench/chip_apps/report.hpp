// One run of a kernel, from its words to its JSON.
#pragma once

#include <string>
#include <vector>

#include "tests/bench/chip_apps/run.hpp"
#include "tests/bench/chip_apps/stages.hpp"

namespace chip_apps {

struct Case {
  const App* app;
  Values values;
  Machine machine;
};

// Names what is wrong with a kernel's name or its settings, and what would be right.
base::Result<Case> read_case(const std::string& name, const std::vector<std::string>& words);

struct Measured {
  rducc::rdu::BuiltSection section;
  Outcome outcome;
  std::vector<LoopTimes> loops;  // with stages=1
};

base::Result<Measured> measure(const Case& chosen);

std::string json_of(const Case& chosen, const Measured& measured);

}  // namespace chip_apps
