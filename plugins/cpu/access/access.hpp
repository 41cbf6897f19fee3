// The lowered form of a read or a write: an address that is affine in the loops, plus what is not affine, sorted by how
// much it costs at run time.
#pragma once

#include <rdu/graph.h>

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "plugins/cpu/plan/storage.hpp"

namespace rdu::cpu {

// Those of a node, one of them in two where a value lies in blocks. As a loop's number: none.
inline constexpr std::uint32_t kMaxLoops = RDU_MAX_LOOPS + 1;
using LoopArray = std::array<std::int64_t, kMaxLoops>;

// An extent that is known at load, or a bound on one that a scalar I64 value holds at run time.
struct Extent {
  std::int64_t bound = 1;
  Place value;

  bool fixed() const { return value.none(); }
};

// A dimension whose position is affine and may lie outside; then the fill is read, or nothing written.
struct Clip {
  std::int64_t offset = 0;
  LoopArray coef{};
  std::int64_t extent = 0;
};

// A dimension (or several) whose position depends on one loop in any way: element offsets per position of the loop,
// -1 outside.
struct Table {
  std::uint32_t loop = 0;
  std::shared_ptr<const std::vector<std::int64_t>> offsets;
};

struct Access;

// Any other dimension: floor and mod of several loops, indices read from a tensor, extents known at run time.
struct Computed {
  std::int64_t offset = 0;
  LoopArray coef{};
  std::int64_t div = 1, mod = 0;
  bool exact = false;
  std::uint32_t outside = RDU_OUTSIDE_NEVER;
  Extent extent;
  std::int64_t stride = 0;               // elements per position
  std::shared_ptr<const Access> source;  // added to the position, or null
  std::uint32_t loops = 0;               // which loops it depends on, as bits
};

struct Access {
  rdu_dtype dtype = RDU_DTYPE_NONE;
  Place place;
  std::int64_t base = 0;  // elements
  LoopArray stride{};
  std::vector<Clip> clips;
  std::vector<Table> tables;  // at most one per loop
  std::vector<Computed> computed;
  std::uint64_t fill = 0;  // bits of the element
  Place fill_place;        // instead, where set

  bool affine() const { return clips.empty() && tables.empty() && computed.empty(); }
};

// Loops that the parts beyond the affine one depend on, as bits.
std::uint32_t irregular_loops(const Access& access);

}  // namespace rdu::cpu
