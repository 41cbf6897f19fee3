// Makes a kernel and lets the compiler's back end place it.
#include "tests/bench/chip_apps/build.hpp"

#include <utility>

namespace chip_apps {

base::Result<Program> build(const App& app, const Values& values, const Machine& machine) {
  Program program;
  program.kernel = std::make_unique<Kernel>(values, machine.arch, machine.overlap, machine.seed);
  app.make(*program.kernel);
  if (!program.kernel->mistake().empty()) {
    return base::fail(base::Code::kInvalidArgument, "%s: %s", app.name,
                      program.kernel->mistake().c_str());
  }
  base::Result<rducc::rdu::Built> built =
      rducc::rdu::build_program(program.kernel->flow(), machine.arch, {.seed = machine.seed});
  if (!built) return base::in_context(app.name, built.error());
  program.built = std::move(*built);
  return program;
}

}  // namespace chip_apps
