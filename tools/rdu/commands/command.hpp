// The commands of `rdu`. Each add_x declares one with its options and examples; when it is the one that was typed,
// its callback puts what it does into `action`.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "tools/rdu/compare.hpp"
#include "tools/rdu/session.hpp"

namespace rdu::tool {

// Returns the exit code: 0 fine, 1 the answer is "no" (verify, diff), 2 an error (thrown as ToolError).
using Action = std::function<int()>;

void add_run(CLI::App& app, Action& action);
void add_verify(CLI::App& app, Action& action);
void add_bench(CLI::App& app, Action& action);
void add_inspect(CLI::App& app, Action& action);
void add_explain(CLI::App& app, Action& action);
void add_bisect(CLI::App& app, Action& action);
void add_diff(CLI::App& app, Action& action);
void add_devices(CLI::App& app, Action& action);
void add_top(CLI::App& app, Action& action);
void add_completion(CLI::App& app, Action& action);

// --device, --copy, --hashes, and those of add_runtime_options.
void add_session_options(CLI::App& command, SessionOptions& options);
// --no-fallback, --threads, --plugin-path, --verbose.
void add_runtime_options(CLI::App& command, SessionOptions& options);
// --shares.
void add_shares_option(CLI::App& command, SessionOptions& options);
// --rtol, --atol, --range-tol, --min-cosine.
void add_tolerance_options(CLI::App& command, Tolerance& tolerance);

}  // namespace rdu::tool
