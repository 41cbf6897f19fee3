// The options that every command which runs something shares.
#include "tools/rdu/commands/command.hpp"

namespace rdu::tool {

void add_session_options(CLI::App& command, SessionOptions& options) {
  command
      .add_option("-d,--device", options.devices,
                  "Device URI; repeat for more, in order of preference (default cpu:)")
      ->type_name("URI");
  add_runtime_options(command, options);
  command.add_flag("--copy", options.copy, "Read the artifact into memory instead of mapping it");
  command.add_flag("--hashes", options.hashes, "Check the hash of every weight segment");
}

void add_runtime_options(CLI::App& command, SessionOptions& options) {
  command.add_flag("--no-fallback", options.no_fallback,
                   "Do not append cpu: for what the devices decline");
  command
      .add_option("-t,--threads", options.threads,
                  "Computing threads in all (default: one per processor)")
      ->check(CLI::Range(1u, 4096u));
  command
      .add_option("--plugin-path", options.plugin_paths, "Directory or plugin file to search first")
      ->type_name("PATH");
  command.add_flag("--verbose", options.verbose, "Print what the runtime and the plugins log");
}

void add_shares_option(CLI::App& command, SessionOptions& options) {
  command
      .add_option("--shares", options.shares,
                  "Spread the sections over the devices, so much of the work to each: 1,1 is half "
                  "and half")
      ->type_name("N,N")
      ->delimiter(',')
      ->allow_extra_args(false);
}

}  // namespace rdu::tool
