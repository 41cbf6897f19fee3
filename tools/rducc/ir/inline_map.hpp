// Puts a map into the node that reads its result.
#pragma once

#include <optional>

#include "sdk/artifact/model.hpp"

namespace rducc::ir {

// A node that computes every point by itself: map, or gather without a combine, with one result that
// it writes where its loops are.
bool is_pointwise(const rdu::artifact::Variant& variant, const rdu::artifact::Node& node);
// A pointwise node that moves elements and computes nothing.
bool is_view(const rdu::artifact::Variant& variant, const rdu::artifact::Node& node);

// `consumer` with its read number `read` of the producer's result replaced by what the producer
// computes there: accesses composed, the producer's code in place of the load. A view keeps the
// read's number, and so does what an operand of a contract is computed from: operands are reads 0 and 1. Nothing where that cannot be
// said in one access: nested div and mod, something outside that is not simply elsewhere outside.
std::optional<rdu::artifact::Node> inline_map(const rdu::artifact::Variant& variant,
                                              const rdu::artifact::Node& producer,
                                              const rdu::artifact::Node& consumer,
                                              std::uint32_t read);

// Merges equal reads and drops those that no program uses. A contract's operands stay reads 0 and 1.
void compact_reads(rdu::artifact::Node& node);

std::vector<std::int64_t> loop_extents(const rdu::artifact::Node& node);
double num_points(const rdu::artifact::Node& node);

}  // namespace rducc::ir
