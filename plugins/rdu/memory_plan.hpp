// Where the arguments of an image lie: what stays from run to run, and what moves in each.
#pragma once

#include <rdu/plugin.h>

#include <array>
#include <cstdint>
#include <vector>

#include "plugins/rdu/buffer.hpp"

namespace rdu::chip_plugin {

// A value of the host that is bound in each run.
struct Moved {
  std::uint32_t argument;  // of the image
  rdu_hw_binding binding;
  std::uint32_t tier;
  bool scalar;
  bool direct;            // the chip works on the host's buffer itself
  std::uint64_t address;  // of a region of its own, where not direct
};

// A value of the host that was uploaded at load.
struct Constant {
  std::uint32_t argument;
  rdu_hw_binding binding;
  std::uint32_t tier;
  bool scalar;
  std::uint64_t address;
};

// A word of the chip's that is 0, or the run failed.
struct Check {
  std::uint32_t argument;
  rdu_hw_binding binding;
};

struct MemoryPlan {
  std::vector<rdu_hw_bound> bound;  // one for each argument; what moves is filled in by the run
  std::vector<Moved> moved;
  std::vector<Constant> constants;
  std::vector<Check> checks;
  std::vector<Allocation> allocations;
  std::uint64_t bytes = 0;  // of all allocations
};

// Device memory of a package by tier, without the host's buffers. `alignment` is theirs.
std::array<std::uint64_t, RDU_HW_NUM_TIERS> bytes_needed(const rdu_hw_package& package,
                                                         std::uint64_t alignment);

// Allocates, and uploads the package's data and the graph's constants.
plugin::Result<MemoryPlan> plan_memory(const Owner& owner, const rdu_hw_package& package,
                                       const rdu_graph* graph, std::uint64_t alignment);

}  // namespace rdu::chip_plugin
