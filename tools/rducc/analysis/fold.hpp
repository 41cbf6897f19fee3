// Computes nodes at compile time where everything that they read is known.
#pragma once

#include <cstdint>
#include <span>

#include "sdk/artifact/model.hpp"

namespace rducc::analysis {

// A map of a constant that is stored in a narrower dtype than its own float result (quantised or half
// weights) is folded up to so many elements only: beyond, the file and the memory keep what was stored.
enum class Widening : std::int64_t { kFew = 16, kSmall = 4096 };

// Turns the values that the nodes write into constants and says true; does nothing and says false
// where an operand is not known or the work is not worth it. Nodes that write one value together
// (a join) must come together.
bool fold_nodes(rdu::artifact::Variant& variant, std::span<const rdu::artifact::Node> nodes,
                Widening widening = Widening::kFew);

}  // namespace rducc::analysis
