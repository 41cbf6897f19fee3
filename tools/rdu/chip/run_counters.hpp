// What a run on a chip counted, kept beyond the run.
#pragma once

#include <rdu_hw/driver.h>

#include <cstdint>
#include <vector>

namespace rdu::tool {

// The arrays of rdu_hw_counters, owned; empty where nobody counted.
struct RunCounters {
  std::uint64_t cycles = 0;
  std::uint64_t later_cycles = 0;  // of a run that finds what this one left; 0: nobody counted
  std::uint64_t clock_hz = 0;
  std::vector<rdu_hw_section_counters> sections;
  std::vector<rdu_hw_context_counters> contexts;
  std::vector<std::uint64_t> link_elements;
  std::vector<rdu_hw_span> spans;
};

RunCounters copy_counters(const rdu_hw_counters& counters);

// Throws ToolError where they are not of this image: a count of another length, a span of no context.
void check_counters(const RunCounters& counters, const rdu_hw_image& image);

// Read and written, of both tiers.
std::uint64_t dram_bytes(const rdu_hw_section_counters& section);

}  // namespace rdu::tool
