// Tries each parallel loop as the outermost one.
#include "tools/rducc/target/rdu/lower/loop_order.hpp"

#include <algorithm>

namespace rducc::rdu::lower {
namespace {

// Of the makers' work, before the first iteration.
double waits(const Emitter& emitter, const Nest& nest) {
  std::vector<VariableId> order = nest.parallel;
  order.insert(order.end(), nest.reduction.begin(), nest.reduction.end());
  double most = 0;
  for (const Touch& touch : nest.reads) {
    if (emitter.is_made_here(touch)) most = std::max(most, emitter.waits(nest, touch, order));
  }
  return most;
}

double vectors(const Nest& nest, std::uint32_t lanes) {
  if (nest.parallel.empty()) return 1;
  const std::int64_t last = nest.extent(nest.parallel.back());
  return static_cast<double>(nest.points(nest.parallel)) / static_cast<double>(last) *
         static_cast<double>(ceil_div(last, lanes));
}

}  // namespace

void simplify_in_pace(const Emitter& emitter, Nest& nest) {
  const Nest original = nest;
  simplify(nest);
  if (!emitter.is_spatial()) return;
  constexpr double kMostVectors = 2;  // as many as in the order that there was
  const double allowed = vectors(nest, emitter.lanes()) * kMostVectors;
  double least = waits(emitter, nest);
  for (std::size_t i = 1; i + 1 < original.parallel.size(); ++i) {
    Nest other = original;
    const auto at = other.parallel.begin() + static_cast<std::ptrdiff_t>(i);
    std::rotate(other.parallel.begin(), at, at + 1);
    simplify(other);
    if (vectors(other, emitter.lanes()) > allowed) continue;
    const double waiting = waits(emitter, other);
    if (waiting >= least) continue;
    least = waiting;
    nest = std::move(other);
  }
}

}  // namespace rducc::rdu::lower
