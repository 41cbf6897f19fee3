// Algebra of accesses: substitution of loops, views through reshapes, simplification of div and mod.
#pragma once

#include <optional>
#include <span>

#include "sdk/artifact/model.hpp"
#include "tools/rducc/ir/tensor.hpp"

namespace rducc::ir {

using rdu::artifact::Access;
using rdu::artifact::Index;

// offset + Σ coef·loop and nothing else.
bool is_affine(const Index& index);
bool is_affine(const Access& access);
// Exactly one loop, coefficient 1, no offset.
std::optional<std::uint32_t> as_single_loop(const Index& index);
// The smallest and largest value before div and mod, loops running over `extents`; affine part only.
struct Range {
  std::int64_t low = 0, high = 0;
};
Range range_of(const Index& index, std::span<const std::int64_t> extents);

// Merges terms of one loop and drops div and mod where the loops' extents make them do nothing.
void simplify(Index& index, std::span<const std::int64_t> extents);

// The index with loop i replaced by loops[i], whose own loops run over `extents`. Nothing where that
// would need nested div or mod.
std::optional<Index> substitute(const Index& index, std::span<const Index> loops,
                                std::span<const std::int64_t> extents);

// An access to a tensor of shape `from`, as one to the same bytes in shape `to`.
std::optional<Access> reshape_access(const Access& access, std::span<const std::int64_t> from,
                                     std::span<const std::int64_t> to,
                                     std::span<const std::int64_t> extents);

}  // namespace rducc::ir
