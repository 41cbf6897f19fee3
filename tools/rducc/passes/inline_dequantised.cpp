// Which readers take a dequantisation in.
#include "tools/rducc/passes/inline_dequantised.hpp"

#include <algorithm>

#include "tools/rducc/analysis/dequantised.hpp"
#include "tools/rducc/ir/inline_map.hpp"
#include "tools/rducc/ir/rewrite.hpp"
#include "tools/rducc/passes/inline_maps.hpp"

namespace rducc::passes {
namespace {

using rdu::artifact::Node;
using rdu::artifact::Variant;

constexpr std::size_t kMostReads = 12;

bool has_known_parameters(const Node& node) {
  const auto found = analysis::match_dequantised(node);
  return found && found->zero_point.is_constant() && found->scale.is_constant();
}

// Reads every element at most once for each point of the result.
bool reads_once(const Candidate& c) {
  return c.consumer.num_parallel == c.consumer.loops.size() ||
         ir::num_points(c.consumer) <= ir::num_points(c.producer);
}

// A map of one operand that is constant and narrower than what it yields.
bool widens_constant(const Variant& variant, const Node& node) {
  return node.pattern == RDU_PATTERN_MAP && !node.reads.empty() && node.writes.size() == 1 &&
         std::all_of(node.reads.begin(), node.reads.end(),
                     [&](const auto& read) { return ir::is_constant(variant, read.value); });
}

}  // namespace

void inline_dequantised(Variant& variant) {
  inline_maps(variant, has_known_parameters, [](const Candidate& c) {
    const bool takes = c.consumer.pattern == RDU_PATTERN_MAP ||
                       c.consumer.pattern == RDU_PATTERN_REDUCE ||
                       c.consumer.pattern == RDU_PATTERN_GATHER;
    return takes && reads_once(c) && c.fused.reads.size() <= kMostReads;
  });
}

void inline_weights(Variant& variant) {
  inline_maps(
      variant, [&](const Node& producer) { return widens_constant(variant, producer); },
      [](const Candidate& c) {
        return c.consumer.pattern == RDU_PATTERN_CONTRACT && c.read == 1 &&
               c.fused.reads.size() <= kMostReads;
      });
}

}  // namespace rducc::passes
