// The lives of stores, in sections.
#include "tools/rducc/target/rdu/stores.hpp"

#include <algorithm>
#include <numeric>

namespace rducc::rdu {
namespace {

bool same_shape(const Buffer& a, const Buffer& b) {
  return a.bytes == b.bytes && a.copies == b.copies && a.bank_mode == b.bank_mode &&
         a.bank_stride == b.bank_stride;
}

// The store of a unit, which has one buffer then.
std::optional<std::uint32_t> store_of(const Parts& parts, const Unit& unit) {
  return unit.keeps ? parts.buffers[unit.buffers.front()].kept : std::nullopt;
}

bool contains(const std::vector<Site>& sites, const Site& site) {
  return std::find(sites.begin(), sites.end(), site) != sites.end();
}

}  // namespace

base::Result<Stores> Stores::find(const Flow& flow, const rdu_hw_arch& arch) {
  Stores stores(arch);
  stores.lives_.resize(flow.stores().size());
  stores.built_.resize(flow.sections().size());
  for (std::size_t section = 0; section < flow.sections().size(); ++section) {
    for (const Buffer& buffer : flow.sections()[section].parts().buffers) {
      if (buffer.kept) RDU_TRY(stores.note(flow, buffer, section));
    }
  }
  stores.find_order(flow);
  stores.plan_slots(flow);
  return stores;
}

base::Result<void> Stores::note(const Flow& flow, const Buffer& buffer, std::size_t section) {
  Life& life = lives_[*buffer.kept];
  const char* name = flow.stores()[*buffer.kept].name.c_str();
  if (!life.used) {
    const bool stays = section < flow.num_setup_sections();
    life = {section, section, true, stays, buffer, {}, 0};
    if (stays) life.first = 0;
  } else if (!life.stays && life.last == section) {
    return base::fail(base::Code::kInvalidArgument,
                      "section \"%s\" has two buffers of store \"%s\"",
                      flow.sections()[section].parts().label.name.c_str(), name);
  } else if (!same_shape(life.shape, buffer)) {
    return base::fail(base::Code::kInvalidArgument,
                      "buffers \"%s\" and \"%s\" of store \"%s\" differ in size or banks",
                      life.shape.label.name.c_str(), buffer.label.name.c_str(), name);
  }
  life.last = life.stays ? flow.sections().size() - 1 : section;
  return {};
}

// Setup sections are the last: they take what the others leave them of choice, none.
void Stores::find_order(const Flow& flow) {
  const std::size_t first = flow.num_setup_sections();
  std::vector<std::size_t> kept(flow.sections().size(), 0);
  std::vector<bool> spans(kept.size(), false);
  for (std::size_t i = first; i < kept.size(); ++i) {
    for (const Buffer& buffer : flow.sections()[i].parts().buffers) {
      if (!buffer.kept) continue;
      const Life& life = lives_[*buffer.kept];
      if (life.stays) ++kept[i];
      if (!life.stays && life.last > life.first + 1) spans[i] = true;
    }
  }
  order_.resize(kept.size());
  std::iota(order_.begin(), order_.end(), std::size_t{0});
  std::rotate(order_.begin(), order_.begin() + static_cast<std::ptrdiff_t>(first), order_.end());
  const auto end = order_.end() - static_cast<std::ptrdiff_t>(first);
  std::stable_sort(order_.begin(), end, [&](auto a, auto b) { return kept[a] > kept[b]; });
  if (order_.size() <= first + 1 || kept[order_[0]] == 0) return;
  const auto others =
      std::stable_partition(order_.begin() + 1, end, [&](auto number) { return spans[number]; });
  std::sort(order_.begin() + 1, others);
}

void Stores::plan_slots(const Flow& flow) {
  std::vector<std::vector<std::uint64_t>> staying(flow.sections().size());
  for (std::size_t i = flow.num_setup_sections(); i < staying.size(); ++i) {
    for (const Buffer& buffer : flow.sections()[i].parts().buffers) {
      const bool stays = buffer.kept && lives_[*buffer.kept].stays;
      if (stays) staying[i].push_back(footprint(buffer, *arch_));
    }
  }
  slots_.emplace(staying, arch_->pmu.bytes);
}

void Stores::enter(std::size_t section) {
  present_ = first_ = last_ = section;
  for (const Life& life : lives_) {
    const bool seeks =
        life.used && !life.stays && !life.site && (life.first == section || life.last == section);
    if (!seeks) continue;
    first_ = std::min(first_, life.first);
    last_ = std::max(last_, life.last);
  }
}

// By sections that run while it is kept, and were built without knowing of it.
std::vector<Site> Stores::taken_within(const Life& life) const {
  std::vector<Site> sites;
  for (std::size_t s = life.first + 1; s < life.last; ++s) {
    sites.insert(sites.end(), built_[s].begin(), built_[s].end());
  }
  return sites;
}

std::vector<Site> Stores::closed() const {
  std::vector<Site> sites = slots_->sites();
  for (const Life& life : lives_) {
    if (is_alive(life) && !contains(sites, *life.site)) sites.push_back(*life.site);
  }
  return sites;
}

std::uint32_t Stores::reserved(const Parts& parts) const {
  const std::size_t taken = closed().size();
  std::vector<Site> own;
  std::size_t unplaced = 0;
  for (const Buffer& buffer : parts.buffers) {
    if (!buffer.kept) continue;
    const Life& life = lives_[*buffer.kept];
    if (is_alive(life) && !contains(own, *life.site)) own.push_back(*life.site);
    if (life.stays && !life.site) ++unplaced;
  }
  return static_cast<std::uint32_t>(taken - std::min(taken, own.size() + unplaced));
}

Pins Stores::pins(const Parts& parts, const std::vector<Unit>& units) const {
  Pins pins;
  pins.units.resize(units.size());
  pins.stays.resize(units.size(), 0);
  pins.avoided.resize(units.size());
  pins.closed = closed();
  pins.rooms = rooms_;
  for (Pins::Room& room : pins.rooms) {
    room.bytes = slots_->room(room.site, room.bytes, present_);
  }
  for (std::size_t i = 0; i < units.size(); ++i) {
    const auto store = store_of(parts, units[i]);
    if (!store) continue;
    const Life& life = lives_[*store];
    pins.units[i] = life.site;
    if (life.stays && !life.site) pins.stays[i] = footprint(life.shape, *arch_);
    if (!life.stays && !life.site) pins.avoided[i] = taken_within(life);
  }
  return pins;
}

// What the first section leaves is all that there is to choose from: later ones may be anywhere but there.
void Stores::reserve_slots() {
  std::vector<Site> free;
  for (std::uint32_t row = 0; row < rdu_hw_arch_mesh_rows(arch_); ++row) {
    for (std::uint32_t column = 0; column < rdu_hw_arch_mesh_columns(arch_); ++column) {
      const Site site{row, column};
      const bool is_pmu = rdu_hw_arch_is_pcu(row, column) == 0;
      if (is_pmu && !contains(built_[present_], site)) free.push_back(site);
    }
  }
  slots_->reserve(free);
  for (const Site& site : slots_->sites()) left_on(site);
}

std::uint64_t& Stores::left_on(const Site& site) {
  const auto known = std::find_if(rooms_.begin(), rooms_.end(),
                                  [&](const Pins::Room& room) { return room.site == site; });
  if (known != rooms_.end()) return known->bytes;
  rooms_.push_back({site, arch_->pmu.bytes});
  return rooms_.back().bytes;
}

std::vector<std::uint64_t> Stores::settle(const Parts& parts, const std::vector<Unit>& units,
                                          const std::vector<Site>& sites) {
  std::vector<std::uint64_t> bases(units.size(), 0);
  for (std::size_t i = 0; i < units.size(); ++i) {
    if (units[i].type != RDU_HW_UNIT_PMU) continue;
    built_[present_].push_back(sites[i]);
    std::uint64_t& left = left_on(sites[i]);
    const auto store = store_of(parts, units[i]);
    if (!store || !lives_[*store].stays) {
      left = 0;  // what stays would be overwritten
      if (store) lives_[*store].site = sites[i];
      continue;
    }
    Life& life = lives_[*store];
    if (!life.site) {
      life.site = sites[i];
      life.base = arch_->pmu.bytes - left;
      left -= footprint(life.shape, *arch_);
      slots_->take(sites[i], present_);
    }
    bases[i] = life.base;
  }
  slots_->built(present_);
  if (present_ == order_.front()) reserve_slots();
  return bases;
}

}  // namespace rducc::rdu
