// Looks at each read of each node, again after every change, until nothing more can be put into it.
#include "tools/rducc/passes/inline_maps.hpp"

#include "tools/rducc/ir/inline_map.hpp"
#include "tools/rducc/ir/rewrite.hpp"

namespace rducc::passes {
namespace {

using rdu::artifact::Node;
using rdu::artifact::ValueId;
using rdu::artifact::Variant;

constexpr std::uint32_t kNobody = 0xffffffff;

class Inliner {
 public:
  Inliner(Variant& variant, std::uint32_t graph, const std::function<bool(const Node&)>& wanted,
          const std::function<bool(const Candidate&)>& accept)
      : variant_(variant), nodes_(variant.graphs[graph].nodes), wanted_(wanted), accept_(accept) {
    const auto uses = ir::find_uses(variant, graph);
    num_uses_.resize(variant.values.size());
    writer_.resize(variant.values.size(), kNobody);
    for (ValueId id = 0; id < variant.values.size(); ++id) {
      num_uses_[id] = uses.readers[id].size() + (uses.leaves[id] ? 1 : 0);
      if (uses.writers[id].size() == 1) writer_[id] = uses.writers[id][0];
    }
  }

  void run() {
    for (Node& node : nodes_) {
      while (inline_one(node)) {
      }
    }
  }

 private:
  bool inline_one(Node& node) {
    for (std::uint32_t read = 0; read < node.reads.size(); ++read) {
      const ValueId from = ir::owner(variant_, node.reads[read].value);
      if (writer_[from] == kNobody) continue;
      const Node& producer = nodes_[writer_[from]];
      if (!ir::is_pointwise(variant_, producer) || !wanted_(producer)) continue;
      auto fused = ir::inline_map(variant_, producer, node, read);
      if (!fused) continue;
      if (!accept_({variant_, producer, node, read, num_uses_[from], *fused})) continue;
      add_uses(*fused);
      drop_uses(node);
      node = *std::move(fused);
      return true;
    }
    return false;
  }

  void add_uses(const Node& node) {
    ir::for_each_read(node, [&](ValueId id) { ++num_uses_[ir::owner(variant_, id)]; });
  }

  // A node that nobody reads any more reads nothing either.
  void drop_uses(const Node& node) {
    ir::for_each_read(node, [&](ValueId id) {
      const ValueId from = ir::owner(variant_, id);
      if (--num_uses_[from] != 0 || writer_[from] == kNobody) return;
      const Node& writer = nodes_[writer_[from]];
      if (writer.writes.size() == 1) drop_uses(writer);
    });
  }

  Variant& variant_;
  std::vector<Node>& nodes_;
  const std::function<bool(const Node&)>& wanted_;
  const std::function<bool(const Candidate&)>& accept_;
  std::vector<std::size_t> num_uses_;  // by owner
  std::vector<std::uint32_t> writer_;  // by owner: the only one
};

}  // namespace

void inline_maps(Variant& variant, const std::function<bool(const Node&)>& wanted,
                 const std::function<bool(const Candidate&)>& accept) {
  for (std::uint32_t graph = 0; graph < variant.graphs.size(); ++graph) {
    Inliner(variant, graph, wanted, accept).run();
  }
}

}  // namespace rducc::passes
