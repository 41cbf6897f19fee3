// Artifacts for people: everything that can be read, and what differs between two.
#pragma once

#include <string>

#include "sdk/artifact/artifact.hpp"

namespace rdu::artifact {

// Signatures, variants, values, nodes, cuts, segments. Reads constants, to show their hashes. Deterministic.
std::string dump(const Artifact& artifact);

// One line a difference, "" where there is none: - is in `a` alone, + in `b` alone, a changed entry is both. Nodes and
// values are matched by name, constants by content.
std::string diff(const Artifact& a, const Artifact& b);

}  // namespace rdu::artifact
