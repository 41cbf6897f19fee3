// Counters as an odometer whose innermost wheel that turns at all turns by many steps at once.
#include "drivers/emu/units/chain.hpp"

namespace rdu_hw::emu {

Chain::Chain(std::span<const rdu_hw_counter> counters)
    : levels_(static_cast<unsigned>(counters.size())) {
  for (const rdu_hw_counter& c : counters) {
    counters_.push_back({c.start, std::int64_t{c.step} * c.lanes, c.extent, 1});
  }
  if (counters.empty()) {
    counters_.push_back({0, 0, 1, 1});
  } else {
    lanes_ = counters.back().lanes;
    lane_step_ = counters.back().step;
  }
  for (std::size_t i = 0; i < counters_.size(); ++i) set_extent(i, counters_[i].extent);
  run_ = counters_.size() - 1;
  while (run_ > 0 && counters[run_].extent_from == RDU_HW_EXTENT_CONSTANT &&
         counters_[run_].iterations == 1) {
    --run_;
  }
}

void Chain::set_extent(std::size_t i, std::int64_t extent) {
  counters_[i].extent = extent;
  counters_[i].iterations = (extent + lanes_of(i) - 1) / lanes_of(i);
}

std::int64_t Chain::period(unsigned level) const {
  std::int64_t firings = 1;
  for (std::size_t i = level; i < levels_; ++i) firings *= counters_[i].iterations;
  return firings;
}

std::int64_t Chain::lanes_in(unsigned level) const {
  const std::int64_t runs = level < levels_ ? period(level) / inner().iterations : 1;
  return runs * (level < levels_ || levels_ == 0 ? inner().extent : lanes_);
}

unsigned Chain::run_end_level() const {
  if (levels_ == 0) return 0;
  auto level = static_cast<unsigned>(run_);
  while (level > 0 && counters_[level - 1].index + 1 == counters_[level - 1].iterations) --level;
  return level;
}

void Chain::advance(std::int64_t firings) {
  std::size_t i = run_;
  counters_[i].index += firings;
  while (counters_[i].index == counters_[i].iterations) {
    counters_[i].index = 0;
    if (i == 0) {
      first_level_ = 0;
      return;
    }
    ++counters_[--i].index;
  }
  first_level_ = levels_ == 0 ? 0 : static_cast<unsigned>(i) + 1;
}

}  // namespace rdu_hw::emu
