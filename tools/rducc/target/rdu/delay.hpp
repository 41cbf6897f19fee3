// What holds elements of a stream between its sender and some receivers.
#pragma once

#include <rdu_hw/arch.h>

#include "tools/rducc/target/rdu/parts.hpp"

namespace rducc::rdu {

// Whether a delay can be made for the sender's elements: it must know how many there are.
bool can_delay(const Parts& parts, const Link& link);
// Elements of the link that one PMU holds.
std::uint64_t fifo_capacity(const Link& link, const rdu_hw_arch& arch);

// Both take the sinks at `ends` off the link, put a context in their place, and return the link on which it sends to where they were. The numbers of
// links and contexts that there were stay.
// A PCU's input FIFO.
std::uint32_t delay_in_pcu(Parts& parts, std::uint32_t link, const std::vector<End>& ends,
                           const rdu_hw_arch& arch);
// A FIFO of `size` elements in a PMU's scratchpad.
std::uint32_t delay_in_pmu(Parts& parts, std::uint32_t link, const std::vector<End>& ends,
                           std::uint64_t size, const rdu_hw_arch& arch);

}  // namespace rducc::rdu
