// The lives of stores, in sections.
#include "tools/rducc/target/rdu/stores.hpp"

#include <algorithm>

namespace rducc::rdu {
namespace {

bool same_shape(const Buffer& a, const Buffer& b) {
  return a.bytes == b.bytes && a.copies == b.copies && a.bank_mode == b.bank_mode &&
         a.bank_stride == b.bank_stride;
}

bool has(const Parts& parts, std::uint32_t store) {
  return std::ranges::any_of(parts.buffers, [&](const Buffer& it) { return it.kept == store; });
}

// The store of a unit, which has one buffer then.
std::optional<std::uint32_t> store_of(const Parts& parts, const Unit& unit) {
  return unit.keeps ? parts.buffers[unit.buffers.front()].kept : std::nullopt;
}

}  // namespace

base::Result<Stores> Stores::find(const Flow& flow) {
  Stores stores;
  stores.lives_.resize(flow.stores().size());
  std::size_t section = 0;
  for (const Section& each : flow.sections()) {
    for (const Buffer& buffer : each.parts().buffers) {
      if (!buffer.kept) continue;
      Life& life = stores.lives_[*buffer.kept];
      if (!life.used) {
        life = {section, section, true, buffer, {}};
      } else if (life.last == section) {
        return base::fail(
            base::Code::kInvalidArgument, "section \"%s\" has two buffers of store \"%s\"",
            each.parts().label.name.c_str(), flow.stores()[*buffer.kept].name.c_str());
      } else if (!same_shape(life.shape, buffer)) {
        return base::fail(base::Code::kInvalidArgument,
                          "buffers \"%s\" and \"%s\" of store \"%s\" differ in size or banks",
                          life.shape.label.name.c_str(), buffer.label.name.c_str(),
                          flow.stores()[*buffer.kept].name.c_str());
      }
      life.last = section;
    }
    ++section;
  }
  return stores;
}

std::uint32_t Stores::reserved(const Parts& parts) const {
  std::uint32_t count = 0;
  for (std::uint32_t i = 0; i < lives_.size(); ++i) {
    if (is_alive(lives_[i]) && !has(parts, i)) ++count;
  }
  return count;
}

Pins Stores::pins(const Parts& parts, const std::vector<Unit>& units) const {
  Pins pins;
  pins.units.resize(units.size());
  for (const Life& life : lives_) {
    if (is_alive(life)) pins.closed.push_back(*life.site);
  }
  for (std::size_t i = 0; i < units.size(); ++i) {
    const auto store = store_of(parts, units[i]);
    if (store) pins.units[i] = lives_[*store].site;
  }
  return pins;
}

void Stores::settle(const Parts& parts, const std::vector<Unit>& units,
                    const std::vector<Site>& sites) {
  for (std::size_t i = 0; i < units.size(); ++i) {
    const auto store = store_of(parts, units[i]);
    if (store) lives_[*store].site = sites[i];
  }
}

}  // namespace rducc::rdu
