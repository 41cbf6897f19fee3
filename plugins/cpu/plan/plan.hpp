// The immutable plan of an executable: a list of steps, and where everything they touch lies.
#pragma once

#include <memory>
#include <rdu/plugin.hpp>
#include <vector>

#include "plugins/cpu/contract/packed_memory.hpp"
#include "plugins/cpu/plan/storage_plan.hpp"
#include "plugins/cpu/steps/step.hpp"

namespace rdu::cpu {

struct Plan {
  std::unique_ptr<PackedStore> packed;  // of the steps
  std::vector<std::unique_ptr<Step>> steps;
  std::vector<std::vector<const Step*>>
      stages;  // in order; the steps of one may run at the same time
  std::vector<Slot> slots;
  std::vector<std::uint32_t> bound;   // slots that the host binds, ascending by value
  std::uint64_t resident_bytes = 0;   // that steps hold, such as packed weights
  std::uint64_t arena_bytes = 0;      // of values and temporaries
  std::uint64_t workspace_bytes = 0;  // of one task
  bool parallel = false;
};

// What was packed ahead of time, and whose part of it an executable may use.
struct PackedSource {
  std::uint32_t signature = 0, variant = 0;
  PackedFile file;
};

// Plans sections [first, end), all of which passed check_section. Nodes are prepared side by side on `flow`.
Plan build_plan(plugin::Graph graph, std::uint32_t first_section, std::uint32_t end_section,
                const Kernels& kernels, const Flow& flow, const PackedSource& source);

}  // namespace rdu::cpu
