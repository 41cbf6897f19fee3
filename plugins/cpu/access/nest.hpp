// The loops of a node as the kernels walk them, and boxes: pieces of the loops whose points fill a register.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "plugins/cpu/access/access.hpp"

namespace rdu::cpu {

struct Nest {
  std::uint32_t num_loops = 0;
  std::array<Extent, kMaxLoops> extents;
  std::uint32_t reduction = 0;  // bits of the loops that reduce

  bool reduces(std::uint32_t loop) const { return (reduction >> loop & 1) != 0; }
  // Extents of one run.
  LoopArray resolve(const Run& run) const;
};

// Points start + [0, count) of each loop; in a register they are dense, the last loop fastest.
struct Box {
  std::uint32_t num_loops = 0;
  LoopArray start{};
  LoopArray count{};

  std::int64_t points() const {
    std::int64_t points = 1;
    for (std::uint32_t l = 0; l < num_loops; ++l) points *= count[l];
    return points;
  }
};

// Everything of a node that follows its loops: reshaping the loops reshapes all of it.
struct LoopUsers {
  std::vector<Access*> accesses;
  std::vector<LoopArray*> coefficients;
};

// Puts loops into `order` (old numbers, outermost first; loops that are left out stay at 0 and are dropped). At least one
// loop remains.
void reorder(Nest& nest, std::span<const std::uint32_t> order, const LoopUsers& users);

// The same, then merges neighbours that every user walks as one.
void reshape(Nest& nest, std::span<const std::uint32_t> order, const LoopUsers& users);

}  // namespace rdu::cpu
