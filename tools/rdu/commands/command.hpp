// The commands of `rdu`. Each add_x declares one with its options and examples; when it is the one that was typed,
// its callback puts what it does into `action`.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "tools/rdu/session.hpp"

namespace rdu::tool {

// Returns the exit code: 0 fine, 1 the answer is "no" (verify, diff), 2 an error (thrown as ToolError).
using Action = std::function<int()>;

void add_run(CLI::App& app, Action& action);
void add_verify(CLI::App& app, Action& action);
void add_bench(CLI::App& app, Action& action);
void add_inspect(CLI::App& app, Action& action);
void add_explain(CLI::App& app, Action& action);
void add_diff(CLI::App& app, Action& action);
void add_devices(CLI::App& app, Action& action);
void add_completion(CLI::App& app, Action& action);

// --device, --no-fallback, --threads, --plugin-path, --copy, --hashes, --verbose.
void add_session_options(CLI::App& command, SessionOptions& options);

}  // namespace rdu::tool
