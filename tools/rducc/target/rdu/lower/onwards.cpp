// Who is handed what, and what it takes.
#include "tools/rducc/target/rdu/lower/onwards.hpp"

#include <optional>

namespace rducc::rdu::lower {

std::vector<artifact::ValueId> Onwards::handed_to(std::size_t reader) const {
  std::vector<artifact::ValueId> values;
  for (const auto& [value, section] : handed_) {
    if (section == reader) values.push_back(value);
  }
  return values;
}

void Onwards::forget() {
  sources_.clear();
  scratchpads_.clear();
}

bool Onwards::relieve(std::size_t section) {
  std::optional<Handed> largest;
  std::size_t most = 0;
  for (const Handed& handed : handed_) {
    const bool concerns = handed.second == section || handed.second == section + 1;
    const auto known = scratchpads_.find(handed);
    const std::size_t scratchpads = known == scratchpads_.end() ? 1 : known->second;
    if (!concerns || scratchpads <= most) continue;
    largest = handed;
    most = scratchpads;
  }
  return largest && handed_.erase(*largest) != 0;
}

}  // namespace rducc::rdu::lower
