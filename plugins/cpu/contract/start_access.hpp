// A residual: what a sum starts at lies in blocks of channels as the result does.
#pragma once

#include <optional>

#include "plugins/cpu/steps/node_scope.hpp"

namespace rdu::cpu {

// Is the read the same walk over a whole value as the node's only write?
bool walks_as_result(const BuildContext& context, const rdu_node& node, const rdu_read& read);

// Where the residual lies, if the read is one. `outputs`: channels of the result.
std::optional<Access> match_start(const BuildContext& context, const rdu_node& node,
                                  const rdu_read& read, std::int64_t outputs);

}  // namespace rdu::cpu
