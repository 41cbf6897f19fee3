// A run of sections, all of whose nodes are maps that MapKernel can run.
#pragma once

#include <cstdint>
#include <rdu/plugin.hpp>
#include <vector>

#include "map_kernel.hpp"

namespace mapper {

// Immutable after construction, so any number of threads may run it at once; what a run needs lies in its scratch.
class MapExecutable {
 public:
  explicit MapExecutable(const rdu_load& load);

  rdu_memory memory() const;
  rdu::plugin::Status run(const rdu_submission& submission) const;

 private:
  // Memory that kernels touch. The first num_bound_ slots are bound by the host at each run, in this order; the others
  // are constants, or temporaries in the scratch.
  struct Slot {
    std::uint32_t value;
    const void* constant;
    std::uint64_t scratch_offset;
  };

  void add_bound_slots(rdu::plugin::Graph graph, const rdu_load& load);
  std::uint32_t slot_of(rdu::plugin::Graph graph, std::uint32_t value);
  std::uint64_t reserve_scratch(std::uint64_t bytes);

  std::vector<Slot> slots_;
  std::uint32_t num_bound_ = 0;
  std::vector<MapKernel> kernels_;
  std::uint64_t registers_offset_ = 0;
  std::uint64_t pointers_offset_ = 0;
  std::uint64_t scratch_bytes_ = 0;
};

}  // namespace mapper
