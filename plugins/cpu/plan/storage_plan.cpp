// Decides for each storage whether it is a constant, bound by the host, or scratch with a life.
#include "plugins/cpu/plan/storage_plan.hpp"

#include <algorithm>
#include <numeric>

#include "plugins/cpu/access/integer.hpp"
#include "plugins/cpu/plan/visit.hpp"

namespace rdu::cpu {
namespace {

constexpr std::uint64_t kLine = 64;

bool overlap(const Lease& a, const Lease& b) { return a.first <= b.last && b.first <= a.last; }

}  // namespace

std::uint64_t place_leases(std::vector<Lease>& leases) {
  std::vector<std::uint32_t> order(leases.size());
  std::iota(order.begin(), order.end(), 0u);
  std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return leases[a].bytes > leases[b].bytes;
  });
  std::uint64_t total = 0;
  std::vector<const Lease*> placed;  // by offset
  for (const std::uint32_t number : order) {
    Lease& lease = leases[number];
    lease.bytes = align_up(lease.bytes, kLine);
    lease.offset = 0;
    for (const Lease* other : placed) {
      if (!overlap(lease, *other)) continue;
      if (lease.offset + lease.bytes <= other->offset) break;
      lease.offset = std::max(lease.offset, other->offset + other->bytes);
    }
    const auto at =
        std::upper_bound(placed.begin(), placed.end(), &lease,
                         [](const Lease* a, const Lease* b) { return a->offset < b->offset; });
    placed.insert(at, &lease);
    total = std::max(total, lease.offset + lease.bytes);
  }
  return total;
}

StoragePlan::StoragePlan(plugin::Graph graph, std::uint32_t first_section,
                         std::uint32_t end_section)
    : graph_(graph), slot_of_(graph.values().size(), ~0u) {
  const std::uint32_t first_node = graph_.sections()[first_section].first_node;
  const std::uint32_t end_node = graph_.sections()[end_section - 1].end_node;
  for (std::uint32_t n = first_node; n < end_node; ++n) {
    touch_node(graph_.nodes()[n], n - first_node);
  }
  const std::vector<bool> bound = find_bound(first_node, end_node);
  for (Slot& slot : slots_) {
    if (slot.kind == Slot::Kind::kLent) continue;
    slot.kind = slot.data != nullptr ? Slot::Kind::kConstant
                : bound[slot.value]  ? Slot::Kind::kBound
                                     : Slot::Kind::kScratch;
  }
}

// Of what crosses the border of a section, all but the intermediates that pass between our own: those are ours to keep
// as we like.
std::vector<bool> StoragePlan::find_bound(std::uint32_t first_node, std::uint32_t end_node) const {
  std::vector<bool> bound(graph_.values().size(), false);
  const auto bind = [&](std::uint32_t v) {
    bound[graph_.storage(v)] = true;
    const rdu_value& value = graph_.value(v);
    for (std::uint32_t d = 0; d < value.rank; ++d) {  // whoever sees the value asks for its extents
      if (value.dim_values[d] != RDU_NONE) bound[graph_.storage(value.dim_values[d])] = true;
    }
  };
  const rdu_subgraph& main = graph_.graphs()[0];
  for (std::uint32_t n = main.first_node; n < main.first_node + main.num_nodes; ++n) {
    if (n >= first_node && n < end_node) continue;
    visit_reads(graph_, graph_.nodes()[n], bind);
    visit_writes(graph_, graph_.nodes()[n], bind);
  }
  for (const std::uint32_t v : graph_.inputs(main)) bind(v);
  for (const std::uint32_t v : graph_.outputs(main)) bind(v);
  for (const rdu_variable& variable : graph_.variables()) {
    bind(variable.read);
    bind(variable.write);
  }
  return bound;
}

void StoragePlan::touch_node(const rdu_node& outer, std::uint32_t step) {
  visit_nested(graph_, outer, [&](const rdu_node& node) {
    visit_reads(graph_, node, [&](std::uint32_t v) { touch(v, step); });
    visit_writes(graph_, node, [&](std::uint32_t v) { touch(v, step); });
    for (const rdu_port& port : graph_.ports(node)) {
      if (port.inner_in != RDU_NONE) touch(port.inner_in, step);
      if (port.kind == RDU_PORT_CAPTURE)
        slots_[place_of(port.inner_in).slot].kind = Slot::Kind::kLent;
      if (port.inner_out != RDU_NONE) touch(port.inner_out, step);
    }
  });
}

void StoragePlan::touch(std::uint32_t value, std::uint32_t step) {
  const std::uint32_t owner = graph_.storage(value);
  if (slot_of_[owner] == ~0u) {
    slot_of_[owner] = static_cast<std::uint32_t>(slots_.size());
    Slot slot;
    slot.value = owner;
    slot.data = graph_.value(owner).data;
    slot.bytes = graph_.value(owner).bytes;
    slots_.push_back(slot);
  }
  Slot& slot = slots_[slot_of_[owner]];
  slot.first = std::min(slot.first, step);
  slot.last = std::max(slot.last, step);
}

void StoragePlan::keep_until(std::span<const std::uint32_t> storages, std::uint32_t step) {
  for (const std::uint32_t storage : storages) {
    if (slot_of_[storage] == ~0u) continue;
    Slot& slot = slots_[slot_of_[storage]];
    slot.last = std::max(slot.last, step);
  }
}

std::int64_t StoragePlan::block_channels(std::uint32_t value) const {
  return slots_[place_of(value).slot].block_channels;
}

bool StoragePlan::channels_last(std::uint32_t value) const {
  return slots_[place_of(value).slot].channels_last;
}

Place StoragePlan::place_of(std::uint32_t value) const { return {slot_of_[graph_.storage(value)]}; }

}  // namespace rdu::cpu
