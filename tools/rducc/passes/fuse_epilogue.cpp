// Walks the maps in order; each may take in the reduction that it reads, the latest one first.
#include "tools/rducc/passes/fuse_epilogue.hpp"

#include <algorithm>

#include "tools/rducc/analysis/access_shape.hpp"
#include "tools/rducc/ir/inline_map.hpp"
#include "tools/rducc/ir/inline_reduction.hpp"
#include "tools/rducc/ir/program.hpp"
#include "tools/rducc/ir/rewrite.hpp"

namespace rducc::passes {
namespace {

using rdu::artifact::Node;
using rdu::artifact::ValueId;
using rdu::artifact::Variant;

constexpr std::size_t kMostReads = 12;

bool is_reduction(const Node& node) {
  return node.pattern == RDU_PATTERN_REDUCE || node.pattern == RDU_PATTERN_CONTRACT;
}

bool is_plain_map(const Node& node) {
  return node.pattern == RDU_PATTERN_MAP && node.writes.size() == 1 &&
         !ir::has_op(node.body, RDU_OP_RNG) &&
         std::all_of(node.reads.begin(), node.reads.end(),
                     [](const auto& read) { return analysis::is_plain(read.access); });
}

class EpilogueFuser {
 public:
  EpilogueFuser(Variant& variant, std::uint32_t graph)
      : variant_(variant),
        graph_(graph),
        nodes_(variant.graphs[graph].nodes),
        uses_(ir::find_uses(variant, graph)),
        erased_(nodes_.size(), false) {}

  void run() {
    for (std::uint32_t i = 0; i < nodes_.size(); ++i) {
      if (is_plain_map(nodes_[i])) fuse_into(i);
    }
    ir::erase_nodes(variant_, graph_, erased_);
  }

 private:
  // The node that alone writes what the read reads, where the map alone reads it.
  std::int64_t sole_partner(const Node& map, std::uint32_t read) const {
    const ValueId from = ir::owner(variant_, map.reads[read].value);
    if (uses_.leaves[from] || uses_.writers[from].size() != 1) return -1;
    if (uses_.readers[from].size() != 1) return -1;
    return static_cast<std::int64_t>(uses_.writers[from][0]);
  }

  void fuse_into(std::uint32_t i) {
    std::int64_t best = -1;
    Node fused;
    for (std::uint32_t read = 0; read < nodes_[i].reads.size(); ++read) {
      const std::int64_t partner = sole_partner(nodes_[i], read);
      if (partner <= best || erased_[static_cast<std::size_t>(partner)]) continue;
      const Node& reduction = nodes_[static_cast<std::size_t>(partner)];
      if (!is_reduction(reduction)) continue;
      auto candidate = ir::inline_reduction(variant_, reduction, nodes_[i], read);
      if (!candidate || candidate->reads.size() > kMostReads) continue;
      best = partner;
      fused = *std::move(candidate);
    }
    if (best < 0) return;
    erased_[static_cast<std::size_t>(best)] = true;
    nodes_[i] = std::move(fused);
  }

  Variant& variant_;
  std::uint32_t graph_;
  std::vector<Node>& nodes_;
  ir::UseMap uses_;
  std::vector<bool> erased_;
};

}  // namespace

void fuse_epilogue(Variant& variant) {
  for (std::uint32_t graph = 0; graph < variant.graphs.size(); ++graph) {
    EpilogueFuser(variant, graph).run();
  }
}

}  // namespace rducc::passes
