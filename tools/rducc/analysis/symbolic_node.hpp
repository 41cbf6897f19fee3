// One map on small integer tensors, computed on sums of run-time scalars.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "sdk/artifact/model.hpp"
#include "tools/rducc/ir/affine.hpp"

namespace rducc::analysis {

struct SymbolicContext {
  const rdu::artifact::Variant& variant;
  // An integer value's element, and what a sum may be.
  std::function<std::optional<ir::Affine>(rdu::artifact::ValueId, std::int64_t)> element;
  std::function<ir::Interval(const ir::Affine&)> range;
};

// An element of a value: a sum, or what is known of it.
struct Told {
  std::optional<ir::Affine> sum;
  ir::Interval range;
};

// What the node writes through write number `write`, by element of the written value; what it does
// not write, or cannot tell, stays as it is.
void evaluate_symbolically(const SymbolicContext& context, const rdu::artifact::Node& node,
                           std::size_t write, std::vector<Told>& elements);

}  // namespace rducc::analysis
