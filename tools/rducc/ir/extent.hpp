// Extents that may be known at run time only, and shapes made of them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sdk/artifact/model.hpp"
#include "tools/rducc/ir/tensor.hpp"

namespace rducc::ir {

struct Extent {
  std::int64_t bound = 1;                               // the extent, or its upper bound
  rdu::artifact::ValueId value = rdu::artifact::kNone;  // an I64 scalar with the actual extent

  bool is_constant() const { return value == rdu::artifact::kNone; }
  bool is_one() const { return is_constant() && bound == 1; }
};

using Shape = std::vector<Extent>;

// Known to be equal in every run.
bool same_extent(const Extent& a, const Extent& b);
bool same_shape(std::span<const Extent> a, std::span<const Extent> b);
bool is_constant(std::span<const Extent> shape);

Shape constant_shape(std::span<const std::int64_t> dims);
Dims bounds_of(std::span<const Extent> shape);
// Per dimension, or empty where all are constant: what a value's dim_values are.
std::vector<rdu::artifact::ValueId> values_of(std::span<const Extent> shape);
std::vector<rdu::artifact::Loop> loops_over(std::span<const Extent> shape);
rdu::artifact::Loop loop_over(const Extent& extent, std::uint32_t role = RDU_LOOP_PLAIN);

// numpy's broadcasting. Where one extent is a constant and the other is not, or both are known at run
// time only and not known to be equal, the run must show that they are; the constant is taken.
Shape broadcast_shape(std::span<const Extent> a, std::span<const Extent> b);
// A tensor of `shape` read by the loops of `out`, to which it broadcasts.
std::vector<rdu::artifact::Index> broadcast_access(std::span<const Extent> shape,
                                                   std::span<const Extent> out);

// A tensor of shape `from` read by the loops of `to`, the same elements in row-major order. Nothing
// where a dimension of run-time extent would be split or merged.
std::optional<std::vector<rdu::artifact::Index>> reshape_view(std::span<const Extent> from,
                                                              std::span<const Extent> to);

// "[2, ≤64, 3]", for messages.
std::string to_text(std::span<const Extent> shape);

}  // namespace rducc::ir
