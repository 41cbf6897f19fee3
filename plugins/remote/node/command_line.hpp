// The words after rdu-node.
#pragma once

#include <optional>
#include <string>

#include "plugins/remote/node/options.hpp"
#include "plugins/remote/node/worker/serve.hpp"

namespace rdu::remote::node {

struct CommandLine {
  enum class Kind {
    kServe,     // the person's command: supervise a front end
    kFrontEnd,  // the process that a supervisor starts
    kWorker,    // the process that a front end starts
    kKeygen,
  };
  Kind kind = Kind::kServe;
  NodeOptions node;
  WorkerOptions worker;
  std::string key_path;  // of keygen
  bool again = false;    // of a front end: not its first life
};

// Nothing: what was asked for has been printed, or what is wrong; `exit_code` says which.
std::optional<CommandLine> read_command_line(int argc, char** argv, int& exit_code);

// The worker of a front end with these options, but for its device, which comes last.
std::vector<std::string> worker_arguments(const NodeOptions& options);

// Defaults that depend on others, and what does not go together.
Status complete(NodeOptions& options);

}  // namespace rdu::remote::node
