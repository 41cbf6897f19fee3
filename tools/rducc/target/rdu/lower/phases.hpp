// Accesses that hold only where a division is exact: (a · i + b · r + o) / s with one parallel loop and one tap, as transposed convolutions have.
#pragma once

#include <optional>

#include "sdk/artifact/model.hpp"

namespace rducc::rdu::lower {

namespace artifact = ::rdu::artifact;

// The division, with its place in the node's reads.
struct Exact {
  std::size_t read, dim;
  artifact::Term place, tap;
  std::int64_t offset, divisor;

  // With i = s · i' + phase the access holds at r = s · r' + first_tap(phase).
  std::int64_t first_tap(std::int64_t phase) const;
};
std::optional<Exact> find_exact(const artifact::Node& node);

// A loop's place, wherever it is, is taken by stride · itself + first. Its extent is left as it is.
void stretch(artifact::Node& node, std::uint32_t loop, std::int64_t stride, std::int64_t first);
// The division, which is without a remainder for all iterations by now.
void divide(artifact::Index& index);

// The phase as a parallel loop of its own, behind the loop that it is a phase of. Nothing where phases differ in their number of steps, or the first
// tap does not move evenly with them.
std::optional<artifact::Node> fold_phases(const artifact::Node& node, const Exact& exact);

}  // namespace rducc::rdu::lower
