// The least (time, number) of a group takes the port that is free first.
#include "drivers/emu/units/pmu_ports.hpp"

#include <algorithm>

namespace rdu_hw::emu {

PmuPorts::Group PmuPorts::add_group(std::uint32_t ports) {
  groups_.push_back({std::vector<Time>(ports, 0), 0, {}});
  return groups_.size() - 1;
}

void PmuPorts::request(Group group, PortUser& user, std::uint32_t number, Time ready,
                       Time interval) {
  groups_[group].waiting.push_back({ready, number, interval, &user});
  serve_known(groups_[group]);
}

void PmuPorts::leave(Group group) {
  --groups_[group].users;
  serve_known(groups_[group]);
}

void PmuPorts::serve_known(PortGroup& group) {
  if (!group.waiting.empty() && group.waiting.size() == group.users) serve_first(group);
}

std::vector<PmuPorts::Request>::const_iterator PmuPorts::first_of(const PortGroup& group) {
  return std::min_element(group.waiting.begin(), group.waiting.end(),
                          [](const Request& a, const Request& b) { return a.before(b); });
}

void PmuPorts::serve_first(PortGroup& group) {
  const auto first = first_of(group);
  const Request request = *first;
  group.waiting.erase(first);
  Time& free = *std::min_element(group.free.begin(), group.free.end());
  const Time time = std::max(request.ready, free);
  request.user->granted(free);
  free = time + request.interval;
}

std::optional<sim::Turn> PmuPorts::next() const {
  std::optional<sim::Turn> least;
  for (const PortGroup& group : groups_) {
    if (group.waiting.empty()) continue;
    const Request& first = *first_of(group);
    const sim::Turn turn = {first.ready, first.number};
    if (!least || turn < *least) least = turn;
  }
  return least;
}

// Whatever is asked for after this is later than the least time: by one cycle where the same user asks again, by `reach_` where
// others do. So each group that is earlier than that may serve those that came first together.
void PmuPorts::serve() {
  const Time until = next()->time + reach_;
  for (PortGroup& group : groups_) {
    if (group.waiting.empty()) continue;
    const Time first = first_of(group)->ready;
    if (first >= until) continue;
    while (!group.waiting.empty() && first_of(group)->ready == first) serve_first(group);
  }
}

}  // namespace rdu_hw::emu
