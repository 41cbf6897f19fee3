// Body operations on sums of run-time scalars.
#pragma once

#include <functional>
#include <optional>

#include "sdk/artifact/model.hpp"
#include "tools/rducc/ir/affine.hpp"

namespace rducc::analysis {

using RangeOf = std::function<ir::Interval(const ir::Affine&)>;

// The result where it is a sum again; ranges decide extremes, comparisons and remainders. `b` is
// nothing where it is no sum, and does not count where the operation has one operand.
std::optional<ir::Affine> apply_to_sums(const rdu::artifact::Instr& instr, const ir::Affine& a,
                                        const std::optional<ir::Affine>& b, const RangeOf& range);

// What a result that is no sum may be, from what its operands may be.
ir::Interval range_after(rdu_body_op op, ir::Interval a, ir::Interval b);

}  // namespace rducc::analysis
