// What streams carry, computed from a section's contexts directly: firing by firing, lane by lane, no units, no time.
#pragma once

#include <map>

#include "tools/rducc/target/rdu/parts.hpp"

namespace rdu_test {

using Element = std::vector<std::uint32_t>;                     // a word per lane; one of a scalar
using Streams = std::map<std::uint32_t, std::vector<Element>>;  // by link

// What a shifted operand finds in a lane that is not valid: 0, as flows say, or what the register holds, as a PCU has it.
enum class Shift { kAsWritten, kAsWired };

// The streams that SIMD contexts and READs send. LOADs send words that depend on nothing but the link, the element and the lane. Operations are those of
// the manual where the passes rely on them; any other is some function of its code and operands.
Streams evaluate(const rducc::rdu::Parts& parts, std::uint32_t chip_lanes, Shift shift);

}  // namespace rdu_test
