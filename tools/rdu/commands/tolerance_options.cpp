// The options by which commands judge values.
#include "tools/rdu/commands/command.hpp"

namespace rdu::tool {

void add_tolerance_options(CLI::App& command, Tolerance& tolerance) {
  command.add_option("--rtol", tolerance.rtol, "Relative tolerance per element (default 1e-3)");
  command.add_option("--atol", tolerance.atol, "Absolute tolerance (default 1e-4 * max|expected|)");
  command.add_option("--range-tol", tolerance.range_tol,
                     "Judge max|a - b| / max|expected| by this instead");
  command.add_option("--min-cosine", tolerance.min_cosine,
                     "Judge the cosine similarity by this instead");
}

}  // namespace rdu::tool
