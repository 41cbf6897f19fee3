// Scratchpads are shared out between what sections work with, what they hand on and what stays: by trying, for the run that burdens least.
#include "tools/rducc/target/rdu/lower/sections_plan.hpp"

#include <algorithm>
#include <limits>
#include <optional>

#include "tools/rducc/target/rdu/lower/decline.hpp"
#include "tools/rducc/target/rdu/lower/visit.hpp"

namespace rducc::rdu::lower {
namespace {

// Of the scratchpads: what a section may use, and those that keep what stays.
constexpr double kUsed = 0.9;
// Of those that could keep something: as many as leave wires enough.
constexpr double kKeeping[] = {1, 0.8, 0.6, 0.45, 0.3, 0.2, 0.1};
// Of the scratchpads: a section that takes more leaves too few for what others keep.
constexpr double kCrowded = 0.85;

bool keeps_any(const std::vector<bool>& stays) {
  return std::find(stays.begin(), stays.end(), true) != stays.end();
}

// For each section of a run, scratchpads that keep what others hand on over it.
std::vector<std::size_t> kept_elsewhere(const Flow& flow) {
  struct Life {
    std::size_t first, last;
  };
  const std::size_t setups = flow.num_setup_sections();
  std::map<std::uint32_t, Life> lives;  // by store
  for (std::size_t s = setups; s < flow.sections().size(); ++s) {
    for (const Buffer& buffer : flow.sections()[s].parts().buffers) {
      if (buffer.kept) lives.try_emplace(*buffer.kept, Life{s, s}).first->second.last = s;
    }
  }
  for (std::size_t s = 0; s < setups; ++s) {
    for (const Buffer& buffer : flow.sections()[s].parts().buffers) lives.erase(*buffer.kept);
  }
  std::vector<std::size_t> elsewhere(flow.sections().size(), 0);
  for (const auto& [store, life] : lives) {
    for (std::size_t s = life.first + 1; s < life.last; ++s) ++elsewhere[s];
  }
  return elsewhere;
}

// A setup section for each group of which something stays; null for others.
std::vector<Section*> add_setups(Flow& flow, const Work& work, const std::vector<Group>& groups,
                                 const Stays& stays) {
  std::vector<Section*> setups(groups.size(), nullptr);
  for (std::size_t i = 0; i < stays.size(); ++i) {
    if (!keeps_any(stays[i])) continue;
    setups[i] = &flow.setup_section("set up " + printable(work.nodes[groups[i].first].name));
  }
  return setups;
}

}  // namespace

std::size_t num_setups(const Stays& stays) {
  return static_cast<std::size_t>(std::count_if(stays.begin(), stays.end(), keeps_any));
}

void SectionsPlan::share_scratchpads(std::vector<Group>& groups) {
  hand_onwards(groups);
  make_room(groups);
  if (!drafts_.may_keep()) return;
  const double before = burden(groups);
  const Onwards handed = onwards_;
  const std::vector<Group> crowded = groups;
  thin_out(groups);
  if (burden(groups) < before) return;
  onwards_ = handed;
  groups = crowded;
}

// What a group makes for later ones, where all of it fits scratchpads or rows of it do.
void SectionsPlan::hand_onwards(const std::vector<Group>& groups) {
  std::vector<std::size_t> ends;
  for (const Group& group : groups) ends.push_back(group.end);
  onwards_ = {};
  for (const Journey& journey : drafts_.values().journeys(ends)) {
    onwards_.make(journey.storage, journey.maker, journey.outside);
    for (const std::size_t reader : journey.readers) {
      const bool gone = groups[reader].spilled.contains(journey.storage) ||
                        groups[journey.maker].spilled.contains(journey.storage);
      if (gone) {
        onwards_.leave(journey.storage, reader);
      } else {
        onwards_.hand(journey.storage, reader);
      }
    }
  }
}

void SectionsPlan::make_room(std::vector<Group>& groups) {
  while (true) {
    Flow flow;
    Regions regions(work_, flow);
    if (!emit(flow, regions, groups, {})) continue;
    const auto elsewhere = kept_elsewhere(flow);
    bool enough = true;
    for (std::size_t i = 0; i < groups.size(); ++i) {
      enough = (drafts_.fits(flow, i, elsewhere[i]) || !onwards_.relieve(i)) && enough;
    }
    if (enough) return;
  }
}

void SectionsPlan::thin_out(std::vector<Group>& groups) {
  const double most = kCrowded * rdu_hw_arch_num_pmus(&options_.arch);
  for (bool relieved = true; relieved;) {
    Flow flow;
    Regions regions(work_, flow);
    relieved = !emit(flow, regions, groups, {});
    const auto elsewhere = kept_elsewhere(flow);
    for (std::size_t i = 0; i < groups.size() && !relieved; ++i) {
      const std::size_t used = flow.sections()[i].parts().buffers.size() + elsewhere[i];
      relieved = static_cast<double>(used) > most && relieve(groups[i], i);
    }
  }
}

// Whether there was anything to do without.
bool SectionsPlan::relieve(Group& group, std::size_t number) {
  if (onwards_.relieve(number)) return true;
  Group straight = group;
  straight.entering = 1;
  if (group.entering == 1 || !drafts_.try_group(straight).ok()) return drafts_.shrink(group);
  group = std::move(straight);
  return true;
}

// Of a run, with what could stay.
double SectionsPlan::burden(std::vector<Group>& groups) {
  Flow flow;
  Regions regions(work_, flow);
  const Stays stays = choose_stays(groups);
  if (!emit(flow, regions, groups, stays)) return std::numeric_limits<double>::max();
  const auto elsewhere = kept_elsewhere(flow);
  double all = 0;
  for (std::size_t i = num_setups(stays); i < flow.sections().size(); ++i) {
    all += drafts_.burden(flow, i, elsewhere[i]).value_or(std::numeric_limits<double>::max());
  }
  return all;
}

bool SectionsPlan::emit(Flow& flow, Regions& regions, std::vector<Group>& groups,
                        const Stays& stays) {
  const std::vector<Section*> setups = add_setups(flow, work_, groups, stays);
  for (std::size_t i = 0; i < groups.size(); ++i) {
    Residents residents =
        setups[i] == nullptr ? Residents() : Residents(flow, *setups[i], stays[i]);
    try {
      drafts_.emit(flow, regions, groups[i], drafts_.may_keep() ? &residents : nullptr,
                   {&onwards_, i});
    } catch (const Spill& spill) {
      const bool let_go = onwards_.let_go(spill.value, i);
      if (!let_go && !groups[i].spilled.insert(spill.value).second) throw;
      return false;
    } catch (const Decline&) {
      if (!onwards_.relieve(i)) throw;
      return false;
    }
  }
  return true;
}

void SectionsPlan::keep_less() {
  if (++keeping_ == std::size(kKeeping)) drafts_.keep_nothing();
}

Stays SectionsPlan::choose_stays(const std::vector<Group>& groups) {
  if (!drafts_.may_keep()) return Stays(groups.size());
  std::vector<ResidentWish> wishes;
  Flow flow;
  Regions regions(work_, flow);
  for (std::size_t i = 0; i < groups.size(); ++i) {
    Residents residents;
    drafts_.emit(flow, regions, groups[i], &residents, {&onwards_, i});
    wishes.push_back({0, residents.asked()});
  }
  const auto elsewhere = kept_elsewhere(flow);
  for (std::size_t i = 0; i < groups.size(); ++i) {
    wishes[i].scratchpads = flow.sections()[i].parts().buffers.size() + elsewhere[i];
  }
  const std::uint32_t pmus = rdu_hw_arch_num_pmus(&options_.arch);
  const Room room{static_cast<std::size_t>(kUsed * pmus), kKeeping[keeping_],
                  static_cast<std::int64_t>(options_.arch.pmu.bytes)};
  return choose_residents(wishes, room);
}

}  // namespace rducc::rdu::lower
