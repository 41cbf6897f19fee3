// Which view may be folded into which reader.
#include "tools/rducc/passes/fold_views.hpp"

#include <algorithm>

#include "tools/rducc/analysis/access_shape.hpp"
#include "tools/rducc/ir/compose.hpp"
#include "tools/rducc/ir/inline_map.hpp"
#include "tools/rducc/ir/program.hpp"
#include "tools/rducc/passes/inline_maps.hpp"

namespace rducc::passes {
namespace {

using rdu::artifact::Node;
using rdu::artifact::Read;

const std::vector<std::int64_t>& dims_of(const Candidate& c, const Read& read) {
  return c.variant.values[read.value].dims;
}

// Consecutive points of the domain still lie side by side, or all read one element.
bool is_contiguous(const Candidate& c, const Read& read) {
  for (std::size_t loop = c.fused.loops.size(); loop-- > 0;) {
    if (c.fused.loops[loop].extent == 1) continue;
    const auto stride =
        analysis::linear_stride(read.access, dims_of(c, read), static_cast<std::uint32_t>(loop));
    return stride == 0 || stride == 1;
  }
  return true;
}

bool has_window(const Node& node) {
  return std::any_of(node.loops.begin(), node.loops.end(),
                     [](const auto& loop) { return loop.role == RDU_LOOP_WINDOW; });
}

bool into_arithmetic(const Candidate& c, const Read& read) {
  return analysis::is_plain(read.access) && (c.num_uses == 1 || is_contiguous(c, read));
}

bool into_contract(const Candidate& c, const Read& read) {
  if (c.read > 1) return into_arithmetic(c, read);
  if (!ir::is_affine(read.access)) return false;
  if (has_window(c.consumer)) return analysis::keeps_order(c.producer.reads[0].access);
  return analysis::is_plain(read.access) &&
         analysis::has_unit_stride(c.fused, read.access, dims_of(c, read));
}

// The read that the view's became; nullptr where it became equal to one that was there.
const Read* new_read(const Candidate& c) {
  for (const Read& read : c.fused.reads) {
    const bool known = std::any_of(
        c.consumer.reads.begin(), c.consumer.reads.end(),
        [&](const Read& old) { return old.value == read.value && old.access == read.access; });
    if (!known) return &read;
  }
  return nullptr;
}

bool accept(const Candidate& c) {
  const Read* found = new_read(c);
  if (found == nullptr) return true;
  const Read& read = *found;
  switch (c.consumer.pattern) {
    case RDU_PATTERN_CONTRACT:
      return into_contract(c, read);
    case RDU_PATTERN_REDUCE:
      return ir::is_affine(read.access) && (c.num_uses == 1 || is_contiguous(c, read));
    case RDU_PATTERN_MAP:
      return ir::is_copy(c.consumer.body) || into_arithmetic(c, read);
    default:
      return into_arithmetic(c, read);
  }
}

}  // namespace

void fold_views(rdu::artifact::Variant& variant) {
  inline_maps(
      variant, [](const Node& producer) { return ir::is_copy(producer.body); }, accept);
}

}  // namespace rducc::passes
