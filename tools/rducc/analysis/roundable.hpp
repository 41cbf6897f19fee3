// Which values may be kept in fewer bits.
#pragma once

#include <vector>

#include "sdk/artifact/model.hpp"

namespace rducc::analysis {

// By number of the value: whether it is a stream or a parameter that bf16 is enough for (passes/lower_precision.hpp says which are not).
// Values that share a storage agree. `narrow`: contractions that multiply in bf16, by graph and node; others want their operands as they are.
std::vector<bool> roundable_values(const rdu::artifact::Variant& variant,
                                   const std::vector<std::vector<bool>>& narrow);

}  // namespace rducc::analysis
