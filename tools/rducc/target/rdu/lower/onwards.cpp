// Who is handed what, and what it takes.
#include "tools/rducc/target/rdu/lower/onwards.hpp"

namespace rducc::rdu::lower {

using artifact::ValueId;

std::vector<ValueId> Onwards::handed_to(std::size_t reader) const {
  std::vector<ValueId> values;
  for (const auto& [value, journey] : journeys_) {
    if (journey.handed.contains(reader)) values.push_back(value);
  }
  return values;
}

std::vector<ValueId> Onwards::handed_by(std::size_t maker) const {
  std::vector<ValueId> values;
  for (const auto& [value, journey] : journeys_) {
    if (journey.maker == maker && !journey.handed.empty()) values.push_back(value);
  }
  return values;
}

bool Onwards::leaves(ValueId value) const {
  const Journey& journey = journeys_.at(value);
  return journey.outside || !journey.others.empty();
}

bool Onwards::let_go(ValueId value, std::size_t section) {
  const auto known = journeys_.find(value);
  if (known == journeys_.end()) return false;
  Journey& journey = known->second;
  const bool any =
      journey.maker == section ? !journey.handed.empty() : journey.handed.contains(section);
  if (journey.maker != section && any) drop(journey, section);
  while (journey.maker == section && !journey.handed.empty()) {
    drop(journey, journey.handed.begin()->first);
  }
  return any;
}

bool Onwards::relieve(std::size_t section) {
  Journey* worst = nullptr;
  std::size_t reader = 0, most = 0;
  for (auto& [value, journey] : journeys_) {
    for (const auto& [to, scratchpads] : journey.handed) {
      const bool is_there = journey.maker <= section && section <= to;
      const std::size_t takes = scratchpads * (to - journey.maker);
      if (!is_there || takes <= most) continue;
      worst = &journey;
      reader = to;
      most = takes;
    }
  }
  if (worst != nullptr) drop(*worst, reader);
  return worst != nullptr;
}

void Onwards::keep_to_neighbours() {
  for (auto& [value, journey] : journeys_) {
    while (!journey.handed.empty() && journey.handed.rbegin()->first > journey.maker + 1) {
      drop(journey, journey.handed.rbegin()->first);
    }
  }
}

}  // namespace rducc::rdu::lower
