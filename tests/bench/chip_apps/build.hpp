// From a kernel's name and parameters to an image with its data.
#pragma once

#include <memory>

#include "sdk/base/result.hpp"
#include "tests/bench/chip_apps/apps.hpp"
#include "tests/bench/chip_apps/machine.hpp"
#include "tools/rducc/target/rdu/build.hpp"

namespace chip_apps {

struct Program {
  std::unique_ptr<Kernel> kernel;  // data and loops
  rducc::rdu::Built built;
};

base::Result<Program> build(const App& app, const Values& values, const Machine& machine);

}  // namespace chip_apps
