// What holds elements of a stream between its sender and one receiver.
#pragma once

#include <rdu_hw/arch.h>

#include "tools/rducc/target/rdu/parts.hpp"

namespace rducc::rdu {

// Whether a delay can be made for the sender's elements: it must know how many there are.
bool can_delay(const Parts& parts, const Link& link);
// Elements of the link that one PMU holds.
std::uint64_t fifo_capacity(const Link& link, const rdu_hw_arch& arch);

// Both take sink number `sink` off the link, put a context in its place, and send on to where the sink was; the numbers of links and contexts that
// there were stay.
// A PCU's input FIFO.
void delay_in_pcu(Parts& parts, std::uint32_t link, std::uint32_t sink, const rdu_hw_arch& arch);
// A FIFO of `size` elements in a PMU's scratchpad.
void delay_in_pmu(Parts& parts, std::uint32_t link, std::uint32_t sink, std::uint64_t size,
                  const rdu_hw_arch& arch);

}  // namespace rducc::rdu
