// Where sections end: as many nodes together as fit, or fewer where that costs less.
#pragma once

#include <vector>

#include "tools/rducc/target/rdu/lower/drafts.hpp"

namespace rducc::rdu::lower {

// All nodes of the work, in order. An error where one of them has not room by itself.
base::Result<std::vector<Group>> choose_groups(const Work& work, const chip::TargetOptions& options,
                                               const Drafts& drafts);

}  // namespace rducc::rdu::lower
