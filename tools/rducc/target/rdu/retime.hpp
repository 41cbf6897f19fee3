// Where streams part and meet again: room on the shorter way for what the longer one delays.
#pragma once

#include <rdu_hw/arch.h>

#include <string>

#include "sdk/base/result.hpp"
#include "tools/rducc/target/rdu/schedule.hpp"

namespace rducc::rdu {

// What may be put in.
struct Spare {
  std::uint32_t pcus = 0;
  std::uint32_t pmus = 0;
};

struct Retimed {
  std::uint32_t delays = 0;  // contexts and buffers that were put in
  std::vector<std::string> notes;
};

// When a context waits for a slow input, elements of its other inputs pile up. A FIFO that is full stops its sender; where the stop comes back to the
// slow input (circuits.hpp), the section is slow, or stops for good. Such links get FIFOs as deep as is needed and the chip has, and then, in front of the sink, a
// PCU that passes elements on, or a FIFO in a PMU. What does not fit is noted.
base::Result<Retimed> retime_links(Parts& parts, const rdu_hw_arch& arch,
                                   const Distances& distances, Spare spare);

// Sinks where too much waits, as the distances came out.
base::Result<std::size_t> count_short(const Parts& parts, const rdu_hw_arch& arch,
                                      const Distances& distances);

}  // namespace rducc::rdu
