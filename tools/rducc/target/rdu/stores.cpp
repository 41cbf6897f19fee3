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
  for (std::size_t section = 0; section < flow.sections().size(); ++section) {
    for (const Buffer& buffer : flow.sections()[section].parts().buffers) {
      if (buffer.kept) RDU_TRY(stores.note(flow, buffer, section));
    }
  }
  stores.find_order(flow);
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
  for (std::size_t i = first; i < kept.size(); ++i) {
    for (const Buffer& buffer : flow.sections()[i].parts().buffers) {
      if (buffer.kept && lives_[*buffer.kept].stays) ++kept[i];
    }
  }
  order_.resize(kept.size());
  std::iota(order_.begin(), order_.end(), std::size_t{0});
  std::rotate(order_.begin(), order_.begin() + static_cast<std::ptrdiff_t>(first), order_.end());
  std::stable_sort(order_.begin(), order_.end() - static_cast<std::ptrdiff_t>(first),
                   [&](std::size_t a, std::size_t b) { return kept[a] > kept[b]; });
}

void Stores::enter(std::size_t section) {
  first_ = last_ = section;
  for (const Life& life : lives_) {
    const bool seeks =
        life.used && !life.stays && !life.site && (life.first == section || life.last == section);
    if (!seeks) continue;
    first_ = std::min(first_, life.first);
    last_ = std::max(last_, life.last);
  }
}

std::vector<Site> Stores::closed() const {
  std::vector<Site> sites;
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
  pins.closed = closed();
  pins.rooms = rooms_;
  for (std::size_t i = 0; i < units.size(); ++i) {
    const auto store = store_of(parts, units[i]);
    if (!store) continue;
    const Life& life = lives_[*store];
    pins.units[i] = life.site;
    if (life.stays && !life.site) pins.stays[i] = footprint(life.shape, *arch_);
  }
  return pins;
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
    }
    bases[i] = life.base;
  }
  return bases;
}

}  // namespace rducc::rdu
