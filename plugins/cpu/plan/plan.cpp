// Builds plans: places first, then a step per node, then the arena.
#include "plugins/cpu/plan/plan.hpp"

#include <algorithm>
#include <atomic>
#include <map>
#include <variant>

#include "plugins/cpu/contract/separable/chain.hpp"
#include "plugins/cpu/plan/channel_layout.hpp"
#include "plugins/cpu/plan/channels_last.hpp"
#include "plugins/cpu/plan/make_order.hpp"
#include "plugins/cpu/plan/side_by_side.hpp"
#include "plugins/cpu/steps/node_scope.hpp"
#include "plugins/cpu/steps/row_chain.hpp"

namespace rdu::cpu {
namespace {

std::uint64_t constant_bytes(const std::vector<Slot>& slots) {
  std::uint64_t bytes = 0;
  for (const Slot& slot : slots) bytes += slot.kind == Slot::Kind::kConstant ? slot.bytes : 0;
  return bytes;
}

// The step in whose place step i runs.
std::uint32_t plan_place(const std::vector<std::vector<std::uint32_t>>& groups, std::uint32_t i) {
  for (const auto& group : groups) {
    if (std::binary_search(group.begin(), group.end(), i)) return group.back();
  }
  return i;
}

// Scratch values and the steps' temporaries share one arena.
void place_arena(Plan& plan, const std::vector<std::vector<std::uint32_t>>& groups) {
  std::vector<Lease> leases;
  for (const Slot& slot : plan.slots) {
    if (slot.kind == Slot::Kind::kScratch) leases.push_back({slot.bytes, slot.first, slot.last});
  }
  const std::size_t first_temporary = leases.size();
  for (std::uint32_t i = 0; i < plan.steps.size(); ++i) {
    leases.push_back({plan.steps[i]->temporary_bytes(), i, plan_place(groups, i)});
  }
  plan.arena_bytes = place_leases(leases);
  std::size_t next = 0;
  for (Slot& slot : plan.slots) {
    if (slot.kind == Slot::Kind::kScratch) slot.offset = leases[next++].offset;
  }
  for (std::uint32_t i = 0; i < plan.steps.size(); ++i) {
    plan.steps[i]->place_temporary(leases[first_temporary + i].offset);
  }
}

// Chains of nodes that are one step, by their last node. What lies between the nodes needs no memory; what the chain
// touches lives until its end.
using Chain = std::variant<RowChain, SeparableChain>;
using Chains = std::map<std::uint32_t, Chain>;

std::optional<Chain> match_chain(const BuildContext& context, const StoragePlan& storage,
                                 std::uint32_t n, std::uint32_t end, std::uint32_t first) {
  if (auto chain = match_row_chain(context, storage, n, end, first)) return *chain;
  if (auto chain = match_separable_chain(context, storage, n, end, first)) return *chain;
  return {};
}

struct ChainNodes {
  std::uint32_t first, end, result;
};
ChainNodes nodes_of(const Chain& chain) {
  return std::visit(
      [](const auto& c) {
        return ChainNodes{c.first_node, c.end_node, c.result};
      },
      chain);
}

Chains find_chains(const BuildContext& context, StoragePlan& storage, std::uint32_t first,
                   std::uint32_t end) {
  Chains chains;
  for (std::uint32_t n = first; n < end; ++n) {
    const auto chain = match_chain(context, storage, n, end, first);
    if (!chain) continue;
    const ChainNodes nodes = nodes_of(*chain);
    for (Slot& slot : storage.slots()) {
      const bool touched = slot.first < nodes.end - first && slot.last >= n - first;
      if (!touched || slot.kind != Slot::Kind::kScratch) continue;
      const bool between = slot.first >= n - first && slot.last + first < nodes.end;
      if (between && slot.value != context.graph.storage(nodes.result)) slot.bytes = 0;
      slot.last = std::max(slot.last, nodes.end - 1 - first);
    }
    chains.emplace(nodes.end - 1, *chain);
    n = nodes.end - 1;
  }
  return chains;
}

std::unique_ptr<Step> make_chain_step(const BuildContext& context, const Chain& chain) {
  if (const auto* rows = std::get_if<RowChain>(&chain)) return make_row_chain_step(context, *rows);
  return make_separable_step(context, std::get<SeparableChain>(chain));
}

std::unique_ptr<Step> make_step_of(BuildContext context, PackedStore& store, const Chains& chains,
                                   std::uint32_t n) {
  PackedMemory packed(store, n);
  context.packed = &packed;
  const rdu_node& node = context.graph.nodes()[n];
  const auto chain = chains.lower_bound(n);
  if (chain == chains.end() || n < nodes_of(chain->second).first) return make_step(context, node);
  auto step = n == chain->first ? make_chain_step(context, chain->second) : make_no_step();
  step->name = node.name;
  return step;
}

// A stage for each step, but for those that run together.
void make_stages(const std::vector<std::vector<std::uint32_t>>& groups, Plan& plan) {
  std::vector<const std::vector<std::uint32_t>*> group_of(plan.steps.size());
  for (const auto& group : groups) {
    for (const std::uint32_t step : group) group_of[step] = &group;
  }
  for (std::uint32_t i = 0; i < plan.steps.size(); ++i) {
    if (group_of[i] == nullptr) {
      plan.stages.push_back({plan.steps[i].get()});
    } else if (group_of[i]->back() == i) {
      auto& stage = plan.stages.emplace_back();
      for (const std::uint32_t step : *group_of[i]) stage.push_back(plan.steps[step].get());
      plan.parallel = true;
    }
  }
}

}  // namespace

Plan build_plan(plugin::Graph graph, std::uint32_t first_section, std::uint32_t end_section,
                const Kernels& kernels, const Flow& flow, const PackedSource& source) {
  StoragePlan storage(graph, first_section, end_section);
  Plan plan;
  // Where most is there already, the rest is little.
  const std::uint64_t expected = source.file.empty() ? constant_bytes(storage.slots()) : 0;
  plan.packed = std::make_unique<PackedStore>(
      PackedOwner{source.signature, source.variant, first_section, end_section}, expected,
      source.file);
  const BuildContext context{graph, storage, kernels};
  const std::uint32_t first = graph.sections()[first_section].first_node;
  const std::uint32_t end = graph.sections()[end_section - 1].end_node;
  choose_channel_layout(graph, first, end, kernels, storage);
  choose_channels_last(graph, first, end, kernels, storage);
  const auto chains = find_chains(context, storage, first, end);
  const auto groups = find_side_by_side(graph, first, end, storage);
  // Steps know nothing of each other. Most of the time goes to code for convolutions, and to packing their weights.
  plan.steps.resize(end - first);
  const auto order = make_order(graph, first, end);
  std::atomic<std::size_t> next{0};
  flow.parallel(flow.threads(), [&](std::int64_t, std::uint32_t) {
    for (std::size_t i = next++; i < order.size(); i = next++) {
      plan.steps[order[i] - first] = make_step_of(context, *plan.packed, chains, order[i]);
    }
  });
  for (const auto& step : plan.steps) {
    plan.workspace_bytes = std::max(plan.workspace_bytes, step->workspace_bytes());
    plan.resident_bytes += step->resident_bytes();
    plan.parallel = plan.parallel || step->parallel();
  }
  plan.resident_bytes -= std::min(plan.resident_bytes, plan.packed->found_bytes());
  make_stages(groups, plan);
  plan.slots = std::move(storage.slots());
  for (std::uint32_t s = 0; s < plan.slots.size(); ++s) {
    if (plan.slots[s].kind == Slot::Kind::kBound) plan.bound.push_back(s);
  }
  std::sort(plan.bound.begin(), plan.bound.end(), [&](std::uint32_t a, std::uint32_t b) {
    return plan.slots[a].value < plan.slots[b].value;
  });
  place_arena(plan, groups);
  return plan;
}

}  // namespace rdu::cpu
