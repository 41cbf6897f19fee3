// rdu: runs, checks, times and explains artifacts. One file per command in commands/.
#include <cstdio>
#include <exception>

#include "tools/rdu/commands/command.hpp"

int main(int argc, char** argv) {
  using namespace rdu::tool;
  CLI::App app("Runs, checks, times and explains RDU artifacts. 'rdu COMMAND --help' has examples.",
               "rdu");
  app.set_version_flag("--version", std::string("rdu ") + rdu_version());
  app.require_subcommand(1);
  Action action;
  add_run(app, action);
  add_verify(app, action);
  add_bench(app, action);
  add_inspect(app, action);
  add_explain(app, action);
  add_bisect(app, action);
  add_diff(app, action);
  add_devices(app, action);
  add_top(app, action);
  add_completion(app, action);
  CLI11_PARSE(app, argc, argv);
  try {
    return action();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "rdu: %s\n", error.what());
    return 2;
  }
}
