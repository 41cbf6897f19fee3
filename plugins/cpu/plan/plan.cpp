// Builds plans: places first, then a step per node, then the arena.
#include "plugins/cpu/plan/plan.hpp"

#include <algorithm>

#include "plugins/cpu/plan/channel_layout.hpp"
#include "plugins/cpu/steps/node_scope.hpp"

namespace rdu::cpu {
namespace {

std::uint64_t constant_bytes(const std::vector<Slot>& slots) {
  std::uint64_t bytes = 0;
  for (const Slot& slot : slots) bytes += slot.kind == Slot::Kind::kConstant ? slot.bytes : 0;
  return bytes;
}

// Scratch values and the steps' temporaries share one arena.
void place_arena(Plan& plan) {
  std::vector<Lease> leases;
  for (const Slot& slot : plan.slots) {
    if (slot.kind == Slot::Kind::kScratch) leases.push_back({slot.bytes, slot.first, slot.last});
  }
  const std::size_t first_temporary = leases.size();
  for (std::uint32_t i = 0; i < plan.steps.size(); ++i) {
    leases.push_back({plan.steps[i]->temporary_bytes(), i, i});
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

}  // namespace

Plan build_plan(plugin::Graph graph, std::uint32_t first_section, std::uint32_t end_section,
                const Kernels& kernels, const Flow& flow) {
  StoragePlan storage(graph, first_section, end_section);
  Plan plan;
  plan.packed = std::make_unique<PackedMemory>(constant_bytes(storage.slots()));
  const BuildContext context{graph, storage, kernels, plan.packed.get()};
  const std::uint32_t first = graph.sections()[first_section].first_node;
  const std::uint32_t end = graph.sections()[end_section - 1].end_node;
  choose_channel_layout(graph, first, end, kernels, storage);
  // Steps know nothing of each other. Most of the time goes to code for convolutions, and to packing their weights.
  plan.steps.resize(end - first);
  flow.parallel(end - first, [&](std::int64_t i, std::uint32_t) {
    const auto step = static_cast<std::uint32_t>(i);
    plan.steps[step] = make_step(context, graph.nodes()[first + step]);
  });
  for (const auto& step : plan.steps) {
    plan.workspace_bytes = std::max(plan.workspace_bytes, step->workspace_bytes());
    plan.resident_bytes += step->resident_bytes();
    plan.parallel = plan.parallel || step->parallel();
  }
  plan.slots = std::move(storage.slots());
  for (std::uint32_t s = 0; s < plan.slots.size(); ++s) {
    if (plan.slots[s].kind == Slot::Kind::kBound) plan.bound.push_back(s);
  }
  std::sort(plan.bound.begin(), plan.bound.end(), [&](std::uint32_t a, std::uint32_t b) {
    return plan.slots[a].value < plan.slots[b].value;
  });
  place_arena(plan);
  return plan;
}

}  // namespace rdu::cpu
