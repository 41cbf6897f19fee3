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

void PmuPorts::serve_first(PortGroup& group) {
  const auto first =
      std::min_element(group.waiting.begin(), group.waiting.end(),
                       [](const Request& a, const Request& b) { return a.before(b); });
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
    for (const Request& request : group.waiting) {
      const sim::Turn turn = {request.ready, request.number};
      if (!least || turn < *least) least = turn;
    }
  }
  return least;
}

void PmuPorts::serve() {
  PortGroup* least = nullptr;
  const Request* first = nullptr;
  for (PortGroup& group : groups_) {
    for (const Request& request : group.waiting) {
      if (first != nullptr && !request.before(*first)) continue;
      first = &request;
      least = &group;
    }
  }
  serve_first(*least);
}

}  // namespace rdu_hw::emu
