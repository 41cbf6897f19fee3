// Where a run spends its time: what devices report of each node, beside what the node computes and moves.
#pragma once

#include <rdu/rdu.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sdk/artifact/artifact.hpp"
#include "tools/rdu/machine.hpp"

namespace rdu::tool {

struct ProfiledNode {
  std::string node;    // of the graph
  std::string source;  // in the source model: "Conv /conv1/Conv, Relu /relu"
  std::string pattern;
  double us = 0;  // median of the runs
  double operations = 0, bytes = 0;
  double limit_us = 0;  // of the machine, for these operations and bytes; 0: not known
};

struct Profile {
  std::vector<ProfiledNode> nodes;  // the slowest first
  double run_us = 0;                // median of the whole run, while it was traced
  std::size_t runs = 0;
};

// Traces `run`, which runs some variant of the first signature, for about so many seconds. `limits` may be null.
Profile profile_runs(rdu_context* context, const std::function<void()>& run,
                     const artifact::Artifact& artifact, const LimitsOf* limits, double seconds);

std::string profile_text(const Profile& profile);
nlohmann::ordered_json profile_json(const Profile& profile);

}  // namespace rdu::tool
