// When a map may move into its readers.
#include "tools/rducc/passes/fuse_maps.hpp"

#include <algorithm>

#include "tools/rducc/analysis/access_shape.hpp"
#include "tools/rducc/ir/compose.hpp"
#include "tools/rducc/ir/inline_map.hpp"
#include "tools/rducc/ir/program.hpp"
#include "tools/rducc/ir/rewrite.hpp"
#include "tools/rducc/passes/inline_maps.hpp"

namespace rducc::passes {
namespace {

using rdu::artifact::Node;
using rdu::artifact::Variant;

// Beyond these a program's registers no longer fit a machine's, and blocks of its reads no cache.
constexpr std::size_t kMostReads = 12;
constexpr std::size_t kMostOperations = 64;
constexpr std::size_t kCheapOperations = 2;

bool is_arithmetic(const Node& producer) { return !ir::is_copy(producer.body); }

bool is_map(const Node& node) { return node.pattern == RDU_PATTERN_MAP; }
bool is_reduce(const Node& node) { return node.pattern == RDU_PATTERN_REDUCE; }

bool reads_plainly(const Node& node) {
  return std::all_of(node.reads.begin(), node.reads.end(),
                     [](const auto& read) { return analysis::is_plain(read.access); });
}

bool stays_small(const Node& node) {
  return node.reads.size() <= kMostReads && ir::num_operations(node.body) <= kMostOperations;
}

bool computes_once(const Candidate& c) {
  return c.num_uses == 1 && ir::num_points(c.consumer) <= ir::num_points(c.producer);
}

std::size_t num_whole_reads(const Node& node) {
  return static_cast<std::size_t>(std::count_if(
      node.reads.begin(), node.reads.end(),
      [&](const auto& read) { return analysis::reads_whole_domain(node, read.access); }));
}

bool is_cheap_map(const Node& node) {
  return is_arithmetic(node) && ir::is_cheap(node.body, kCheapOperations) &&
         num_whole_reads(node) <= 1 && reads_plainly(node);
}

// Owners that a node other than a map or a reduction reads, or that leave the graph.
std::vector<bool> needed_as_such(const Variant& variant) {
  std::vector<bool> needed(variant.values.size(), false);
  for (std::uint32_t g = 0; g < variant.graphs.size(); ++g) {
    const auto uses = ir::find_uses(variant, g);
    for (std::size_t id = 0; id < needed.size(); ++id) {
      needed[id] =
          needed[id] || uses.leaves[id] ||
          std::any_of(uses.readers[id].begin(), uses.readers[id].end(), [&](std::uint32_t reader) {
            const Node& node = variant.graphs[g].nodes[reader];
            return !is_map(node) && !is_reduce(node);
          });
    }
  }
  return needed;
}

}  // namespace

void fuse_maps(Variant& variant) {
  inline_maps(variant, is_arithmetic, [](const Candidate& c) {
    const bool same_cost = reads_plainly(c.fused) || ir::is_copy(c.consumer.body);
    return is_map(c.consumer) && is_map(c.producer) && computes_once(c) && same_cost &&
           stays_small(c.fused);
  });
}

void fuse_prologue(Variant& variant) {
  inline_maps(variant, is_arithmetic, [](const Candidate& c) {
    return is_reduce(c.consumer) && is_map(c.producer) && computes_once(c) &&
           reads_plainly(c.fused) && stays_small(c.fused);
  });
}

void recompute_cheap(Variant& variant) {
  const auto needed = needed_as_such(variant);
  inline_maps(variant, is_cheap_map, [&](const Candidate& c) {
    return (is_map(c.consumer) || is_reduce(c.consumer)) && is_map(c.producer) &&
           !needed[ir::owner(c.variant, c.producer.writes[0].value)] && reads_plainly(c.fused) &&
           stays_small(c.fused);
  });
}

}  // namespace rducc::passes
