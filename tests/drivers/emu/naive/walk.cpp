// Counts as an odometer does, the innermost counter by its lanes.
#include "tests/drivers/emu/naive/walk.hpp"

namespace naive {

Walk::Walk(std::span<const rdu_hw_counter> counters)
    : counters_(counters), step_(counters.size(), 0), completed_(counters.size() + 1, 0) {
  for (const rdu_hw_counter& counter : counters) extent_.push_back(counter.extent);
}

std::int64_t Walk::iterations(std::size_t counter) const {
  const std::int64_t lanes = counters_[counter].lanes;
  return (extent_[counter] + lanes - 1) / lanes;
}

bool Walk::begins(std::uint32_t level) const {
  for (std::size_t i = level; i < step_.size(); ++i) {
    if (step_[i] != 0) return false;
  }
  return true;
}

bool Walk::ends(std::uint32_t level) const {
  for (std::size_t i = level; i < step_.size(); ++i) {
    if (step_[i] != iterations(i) - 1) return false;
  }
  return true;
}

std::int64_t Walk::index(std::uint32_t lane) const {
  return counters_.empty() ? lane : step_.back() * lanes() + lane;
}

bool Walk::valid(std::uint32_t lane) const { return lane < lanes() && index(lane) < run_length(); }

std::int64_t Walk::value(std::uint32_t counter, std::uint32_t lane) const {
  const rdu_hw_counter& c = counters_[counter];
  const bool innermost = counter + 1 == levels();
  return c.start + c.step * (innermost ? index(lane) : step_[counter]);
}

void Walk::advance() {
  for (std::uint32_t level = 0; level <= levels(); ++level) completed_[level] += ends(level);
  for (std::size_t i = step_.size(); i-- > 0;) {
    if (++step_[i] < iterations(i)) return;
    step_[i] = 0;
  }
  over_ = true;
}

}  // namespace naive
