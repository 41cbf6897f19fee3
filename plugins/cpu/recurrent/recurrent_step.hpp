// Scans that are layers of an LSTM or a GRU.
#pragma once

#include "plugins/cpu/steps/node_scope.hpp"

namespace rdu::cpu {

// Null where the scan is not one, or a run decides how long it is.
std::unique_ptr<Step> make_recurrent_step(const BuildContext& context, const rdu_node& node);

}  // namespace rdu::cpu
