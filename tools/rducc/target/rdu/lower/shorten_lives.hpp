// The order of nodes in which less is alive between them: what makes little of much goes behind those that make the much.
#pragma once

#include "tools/rducc/target/rdu/lower/regions.hpp"

namespace rducc::rdu::lower {

// The same nodes, each behind all that it needs.
Work shorten_lives(const Work& work);

}  // namespace rducc::rdu::lower
