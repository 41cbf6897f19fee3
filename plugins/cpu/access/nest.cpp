// Reorders and merges the loops of a nest.
#include "plugins/cpu/access/nest.hpp"

#include <algorithm>
#include <cstring>

namespace rdu::cpu {
namespace {

// Every coefficient array of an access, those of its index sources included.
template <class Visit>
void visit_coefficients(Access& access, const Visit& visit) {
  visit(access.stride);
  for (Clip& clip : access.clips) visit(clip.coef);
  for (Computed& computed : access.computed) {
    visit(computed.coef);
    if (computed.source == nullptr) continue;
    auto source = std::make_shared<Access>(*computed.source);
    visit_coefficients(*source, visit);
    computed.source = std::move(source);
  }
}

std::uint32_t table_loops(const Access& access) {
  std::uint32_t loops = 0;
  for (const Table& table : access.tables) loops |= 1u << table.loop;
  for (const Computed& computed : access.computed) {
    if (computed.source != nullptr) loops |= table_loops(*computed.source);
  }
  return loops;
}

struct LoopMap {
  std::uint32_t num_loops = 0;
  std::array<std::uint32_t, kMaxLoops> old_loop{};  // whose coefficient the new loop has
  std::array<std::uint32_t, kMaxLoops> new_loop{};  // by old number; kMaxLoops: gone
};

void apply(const LoopMap& map, LoopArray& coef) {
  const LoopArray old = coef;
  coef = {};
  for (std::uint32_t l = 0; l < map.num_loops; ++l) coef[l] = old[map.old_loop[l]];
}

std::uint32_t apply_bits(const LoopMap& map, std::uint32_t old) {
  std::uint32_t bits = 0;
  for (std::uint32_t l = 0; l < kMaxLoops; ++l) {
    if ((old >> l & 1) != 0 && map.new_loop[l] < kMaxLoops) bits |= 1u << map.new_loop[l];
  }
  return bits;
}

void apply_tables(const LoopMap& map, Access& access) {
  // A loop with a table moves, so it is never dropped.
  for (Table& table : access.tables) table.loop = map.new_loop[table.loop];
  for (Computed& computed : access.computed) {
    computed.loops = apply_bits(map, computed.loops);
    if (computed.source == nullptr) continue;
    auto source = std::make_shared<Access>(*computed.source);
    apply_tables(map, *source);
    computed.source = std::move(source);
  }
}

void apply(const LoopMap& map, Nest& nest, const LoopUsers& users) {
  for (LoopArray* coef : users.coefficients) apply(map, *coef);
  for (Access* access : users.accesses) {
    visit_coefficients(*access, [&](LoopArray& coef) { apply(map, coef); });
    apply_tables(map, *access);
  }
  const auto extents = nest.extents;
  nest.extents = {};
  for (std::uint32_t l = 0; l < map.num_loops; ++l) nest.extents[l] = extents[map.old_loop[l]];
  nest.reduction = apply_bits(map, nest.reduction);
  nest.num_loops = map.num_loops;
}

bool walks_as_one(const LoopArray& coef, std::uint32_t outer, std::int64_t inner_extent) {
  return coef[outer] == coef[outer + 1] * inner_extent;
}

bool mergeable(const Nest& nest, std::uint32_t outer, std::uint32_t pinned,
               const LoopUsers& users) {
  const std::uint32_t inner = outer + 1;
  if ((pinned >> outer & 3) != 0 || nest.reduces(outer) != nest.reduces(inner)) return false;
  if (!nest.extents[outer].fixed() || !nest.extents[inner].fixed()) return false;
  const std::int64_t extent = nest.extents[inner].bound;
  bool all = true;
  for (LoopArray* coef : users.coefficients) all = all && walks_as_one(*coef, outer, extent);
  for (Access* access : users.accesses) {
    visit_coefficients(*access,
                       [&](LoopArray& coef) { all = all && walks_as_one(coef, outer, extent); });
  }
  return all;
}

void merge(Nest& nest, std::uint32_t outer, const LoopUsers& users) {
  LoopMap map;
  map.num_loops = nest.num_loops - 1;
  const std::int64_t outer_extent = nest.extents[outer].bound;
  for (std::uint32_t l = 0; l < kMaxLoops; ++l) map.new_loop[l] = l <= outer ? l : l - 1;
  for (std::uint32_t l = 0; l < map.num_loops; ++l) map.old_loop[l] = l < outer ? l : l + 1;
  apply(map, nest, users);
  nest.extents[outer].bound *= outer_extent;
}

}  // namespace

LoopArray Nest::resolve(const Run& run) const {
  LoopArray result{};
  for (std::uint32_t l = 0; l < num_loops; ++l) {
    result[l] = extents[l].bound;
    if (extents[l].fixed()) continue;
    const auto value = run.scalar<std::int64_t>(extents[l].value);
    if (value < 0 || value > extents[l].bound) run.fault->report(value, extents[l].bound);
    result[l] = std::clamp<std::int64_t>(value, 0, extents[l].bound);
  }
  return result;
}

void reorder(Nest& nest, std::span<const std::uint32_t> order, const LoopUsers& users) {
  LoopMap map;
  map.new_loop.fill(kMaxLoops);
  for (const std::uint32_t old : order) {
    map.new_loop[old] = map.num_loops;
    map.old_loop[map.num_loops++] = old;
  }
  apply(map, nest, users);
  if (nest.num_loops == 0) {
    nest.num_loops = 1;
    nest.extents[0] = {};
  }
}

void reshape(Nest& nest, std::span<const std::uint32_t> order, const LoopUsers& users) {
  reorder(nest, order, users);
  std::uint32_t pinned = 0;
  for (const Access* access : users.accesses) pinned |= table_loops(*access);
  for (std::uint32_t outer = nest.num_loops - 1; outer-- > 0;) {
    if (!mergeable(nest, outer, pinned, users)) continue;
    merge(nest, outer, users);
    const std::uint32_t below = (1u << outer) - 1;
    pinned = (pinned & below) | (pinned >> 1 & ~below);
  }
}

}  // namespace rdu::cpu
