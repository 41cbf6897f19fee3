// Goes through everything that an opened artifact shows, as its users do.
#pragma once

#include <string>

#include "sdk/artifact/artifact.hpp"

namespace rdu::testing {

// Reads every byte of every constant, follows every reference, and evaluates every access at the corners of its
// domain. Returns what the validator should not have let through, or "".
std::string walk(const artifact::Artifact& artifact);

}  // namespace rdu::testing
