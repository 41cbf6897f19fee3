// Serves decisions in order of time, then of the tier; a stretch of them at once, since the way to an AGCU and back takes time.
#include "drivers/emu/units/controllers.hpp"

namespace rdu_hw::emu {

Controllers::Controllers(const rdu_hw_arch& arch) : way_(arch.agcu.dram_cycles) {
  const rdu_hw_dram* tiers[kNumTiers] = {&arch.dram, &arch.hbm};
  for (std::size_t i = 0; i < kNumTiers; ++i) {
    if (tiers[i]->channels == 0) continue;
    memories_[i].emplace(dram_config(arch, *tiers[i]));
    burst_bytes_[i] = rdu_hw_dram_burst_bytes(tiers[i]);
  }
}

void Controllers::add_user(std::uint32_t number, BurstUser& user) {
  if (users_.size() <= number) users_.resize(number + std::size_t{1}, nullptr);
  users_[number] = &user;
}

void Controllers::issue(std::uint32_t tier, std::uint32_t user, std::int64_t burst,
                        dram::Direction direction, Time time, std::uint64_t address) {
  memories_[tier]->submit({.id = static_cast<std::uint64_t>(burst),
                           .requester = user,
                           .direction = direction,
                           .time = time + way_,
                           .address = address});
}

std::optional<Controllers::Decision> Controllers::earliest() const {
  std::optional<Decision> first;
  for (std::uint32_t tier = 0; tier < kNumTiers; ++tier) {
    if (!memories_[tier]) continue;
    const std::optional<dram::Cycle> at = memories_[tier]->next_decision();
    if (at && (!first || *at < first->time)) first = {*at, tier};
  }
  return first;
}

std::optional<sim::Turn> Controllers::next() const {
  const std::optional<Decision> first = earliest();
  if (!first) return std::nullopt;
  return sim::Turn{first->time, 0};
}

// What any unit does next is caused at the time of the first decision, or later, and what it then asks for is `way_` on its
// way: it reaches a controller behind all decisions until then.
void Controllers::serve() {
  const std::optional<Decision> first = earliest();
  const Time until = first->time + way_;
  for (auto decision = first; decision && decision->time <= until; decision = earliest()) {
    const std::optional<dram::Completion> done = memories_[decision->tier]->serve();
    if (done)
      users_[done->requester]->decided(static_cast<std::int64_t>(done->id), done->time + way_);
  }
}

std::array<dram::Statistics, kNumTiers> Controllers::statistics() const {
  std::array<dram::Statistics, kNumTiers> statistics;
  for (std::size_t i = 0; i < kNumTiers; ++i) {
    if (memories_[i]) statistics[i] = memories_[i]->statistics();
  }
  return statistics;
}

}  // namespace rdu_hw::emu
