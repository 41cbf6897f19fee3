// What a trace shows of a chip: copies and runs with what was counted, and the chip's own time unit by unit.
#pragma once

#include <rdu/plugin.h>

#include <cstdint>
#include <string>

#include "plugins/rdu/buffer.hpp"

namespace rdu::chip_plugin {

std::uint64_t now_ns();  // CLOCK_MONOTONIC

// One copy between host and device memory, from construction to destruction.
class TracedCopy {
 public:
  TracedCopy(const Owner& owner, const char* name);
  TracedCopy(const TracedCopy&) = delete;
  TracedCopy& operator=(const TracedCopy&) = delete;
  ~TracedCopy();

 private:
  const Owner& owner_;
  const char* name_;
  std::uint64_t begin_ns_ = 0;  // 0: nobody traces
  rdu_hw_chip_info before_ = {};
};

// A finished run: what the trace is told.
struct TracedRun {
  const rdu_graph* graph;
  const rdu_hw_image* image;
  const rdu_hw_run* run;
  std::uint32_t first_section;  // of the portable cut
  std::uint64_t estimated_cycles;
  std::uint64_t begin_ns;
};

void trace_run(const Owner& owner, const TracedRun& run);

}  // namespace rdu::chip_plugin
