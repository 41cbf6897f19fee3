// Starts from every value that such a convolution touches and drops those that another node must see as they are. Maps and
// reductions see strides alone, so they see any order of the dimensions.
#include "plugins/cpu/plan/channels_last.hpp"

#include "plugins/cpu/contract/bf16/steps.hpp"
#include "plugins/cpu/plan/visit.hpp"

namespace rdu::cpu {
namespace {

class Choice {
 public:
  Choice(const BuildContext& context, const StoragePlan& storage)
      : context_(context), graph_(context.graph), storage_(storage) {}

  std::vector<bool> choose(std::uint32_t first, std::uint32_t end) {
    chosen_.assign(graph_.values().size(), false);
    for (std::uint32_t n = first; n < end; ++n) want(graph_.nodes()[n]);
    for (std::uint32_t n = first; n < end; ++n) judge(graph_.nodes()[n]);
    return chosen_;
  }

 private:
  void want(const rdu_node& node) {
    if (node.pattern != RDU_PATTERN_CONTRACT) return;
    const auto match = match_narrow_convolution(context_, node);
    if (!match) return;
    for (const std::uint32_t v : {match->source, match->destination}) {
      if (may_move(v)) chosen_[graph_.storage(v)] = true;
    }
  }

  bool may_move(std::uint32_t v) const {
    const rdu_value &value = graph_.value(v), &owner = graph_.value(graph_.storage(v));
    const Slot& slot = storage_.slots()[storage_.place_of(v).slot];
    if (slot.kind != Slot::Kind::kScratch || slot.block_channels != 0 || !same(value, owner)) {
      return false;
    }
    for (std::uint32_t d = 0; d < value.rank; ++d) {
      if (value.dim_values[d] != RDU_NONE) return false;
    }
    return value.rank >= 3;
  }

  static bool same(const rdu_value& a, const rdu_value& b) {
    if (a.rank != b.rank || a.dtype != b.dtype) return false;
    return std::equal(a.dims, a.dims + a.rank, b.dims);
  }

  void judge(const rdu_node& node) {
    const bool strided = node.pattern == RDU_PATTERN_MAP || node.pattern == RDU_PATTERN_REDUCE ||
                         (node.pattern == RDU_PATTERN_CONTRACT &&
                          match_narrow_convolution(context_, node).has_value());
    visit_nested(graph_, node, [&](const rdu_node& inner) {
      const auto look = [&](std::uint32_t v) {
        const std::uint32_t owner = graph_.storage(v);
        const bool fits = strided && same(graph_.value(v), graph_.value(owner));
        if (!fits) chosen_[owner] = false;
      };
      visit_reads(graph_, inner, look);
      visit_writes(graph_, inner, look);
    });
  }

  const BuildContext& context_;
  const plugin::Graph graph_;
  const StoragePlan& storage_;
  std::vector<bool> chosen_;
};

}  // namespace

void choose_channels_last(plugin::Graph graph, std::uint32_t first_node, std::uint32_t end_node,
                          const Kernels& kernels, StoragePlan& storage) {
  const BuildContext context{graph, storage, kernels};
  const auto chosen = Choice(context, storage).choose(first_node, end_node);
  for (Slot& slot : storage.slots()) slot.channels_last = chosen[slot.value];
}

}  // namespace rdu::cpu
