// Sections with many contents plan first; the largest goes where most is left.
#include "tools/rducc/target/rdu/slots.hpp"

#include <algorithm>
#include <functional>
#include <numeric>

namespace rducc::rdu {

Slots::Slots(const std::vector<std::vector<std::uint64_t>>& staying, std::uint64_t capacity) {
  std::vector<std::size_t> order(staying.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](auto a, auto b) { return staying[a].size() > staying[b].size(); });
  for (const std::size_t section : order) plan(section, staying[section], capacity, staying.size());
}

void Slots::plan(std::size_t section, std::vector<std::uint64_t> contents, std::uint64_t capacity,
                 std::size_t num_sections) {
  std::sort(contents.begin(), contents.end(), std::greater<>());
  std::stable_sort(slots_.begin(), slots_.end(),
                   [](const Slot& a, const Slot& b) { return a.left > b.left; });
  const std::size_t known = slots_.size();
  std::size_t next = 0;
  for (const std::uint64_t bytes : contents) {
    const bool fits = next < known && slots_[next].left >= bytes;
    if (!fits) slots_.push_back({{}, std::vector<std::uint64_t>(num_sections, 0), capacity});
    Slot& slot = fits ? slots_[next++] : slots_.back();
    slot.planned[section] = bytes;
    slot.left -= std::min(slot.left, bytes);
  }
}

std::uint64_t Slots::room(const Site& site, std::uint64_t left, std::size_t section) const {
  for (const Slot& slot : slots_) {
    if (slot.site != site) continue;
    const std::uint64_t all =
        std::accumulate(slot.planned.begin(), slot.planned.end(), std::uint64_t{0});
    const std::uint64_t others = all - slot.planned[section];
    return left - std::min(left, others);
  }
  return left;
}

void Slots::take(const Site& site, std::size_t section) {
  Slot* free = nullptr;
  for (Slot& slot : slots_) {
    if (slot.site == site) return;
    if (!slot.site && slot.planned[section] != 0 && free == nullptr) free = &slot;
  }
  if (free != nullptr) free->site = site;
}

void Slots::reserve(const std::vector<Site>& sites) {
  auto next = sites.begin();
  for (Slot& slot : slots_) {
    if (!slot.site && next != sites.end()) slot.site = *next++;
  }
}

std::vector<Site> Slots::sites() const {
  std::vector<Site> sites;
  for (const Slot& slot : slots_) {
    if (slot.site) sites.push_back(*slot.site);
  }
  return sites;
}

void Slots::built(std::size_t section) {
  for (Slot& slot : slots_) slot.planned[section] = 0;
}

}  // namespace rducc::rdu
