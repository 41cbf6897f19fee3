// How often contexts fire and ports move, for one run of a section. Extents that are not constant count as the most that they may be.
#pragma once

#include "tools/rducc/target/rdu/parts.hpp"

namespace rducc::rdu {

// Figures stay below this; what would be more is this.
inline constexpr std::uint64_t kManyFirings = std::uint64_t{1} << 62;

std::uint64_t iterations(const rdu_hw_counter& counter);
// Iterations at `level` in a run of the context.
std::uint64_t elements(const Context& context, std::uint32_t level);
// Firings in an iteration at `level`.
std::uint64_t period(const Context& context, std::uint32_t level);
inline std::uint64_t firings(const Context& context) { return period(context, 0); }
// A block of a SYSTOLIC context leaves as several vectors, anything else as one element.
std::uint64_t elements_sent(const Context& context, const Output& output);
// Whether the counters before `level` have constant extents.
bool is_constant(const Context& context, std::uint32_t level);

// Lanes that are valid in the last firing of a run of the innermost counter, which is constant; 1 without counters.
std::uint32_t last_valid_lanes(const Context& context);
// Lanes of the innermost counter; 1 without counters.
std::uint32_t width(const Context& context);
// Whether all of the chip's lanes are valid in every firing.
bool is_full(const Context& context, std::uint32_t chip_lanes);

}  // namespace rducc::rdu
