// A context's counter chain: where it stands, firing by firing and in runs.
#pragma once

#include <rdu_hw/config.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace rdu_hw::emu {

// A *run* is what one counter does alone: the innermost one, or the innermost of those that make more than one iteration.
// A context without counters has one that takes one value in one lane.
class Chain {
 public:
  explicit Chain(std::span<const rdu_hw_counter> counters);

  // Level of a single firing: the number of counters.
  unsigned levels() const { return levels_; }
  std::uint32_t lanes() const { return lanes_; }
  // For the run of counter i that begins here.
  void set_extent(std::size_t i, std::int64_t extent);
  std::int64_t extent(std::size_t i) const { return counters_[i].extent; }

  std::int64_t iterations(std::size_t i) const { return counters_[i].iterations; }
  // Firings of an iteration at `level`, by the extents as they are now.
  std::int64_t period(unsigned level) const;
  // Lanes that are valid in one, summed over its firings.
  std::int64_t lanes_in(unsigned level) const;
  // Iterations of counter i that are over in its run.
  std::int64_t index(std::size_t i) const { return counters_[i].index; }
  // Of the innermost counter: of lane 0.
  std::int64_t value(std::size_t i) const {
    return counters_[i].start + counters_[i].stride * index(i);
  }
  // From iteration to iteration.
  std::int64_t stride(std::size_t i) const { return counters_[i].stride; }
  // The counter that runs, and the level of each of its iterations.
  std::size_t runner() const { return run_; }
  unsigned run_level() const { return levels_ == 0 ? 0 : static_cast<unsigned>(run_) + 1; }
  // From lane to lane of the innermost counter.
  std::int64_t lane_step() const { return lane_step_; }
  std::uint32_t valid_lanes() const { return valid_lanes(0); }
  // Of the firing so many later in this run.
  std::uint32_t valid_lanes(std::int64_t later) const {
    if (run_ + 1 != counters_.size()) later = 0;
    const std::int64_t rest = inner().extent - (inner().index + later) * lanes_;
    return static_cast<std::uint32_t>(std::min<std::int64_t>(rest, lanes_));
  }
  // Whether some firing has fewer valid lanes than the counter has.
  bool has_tails() const { return inner().extent % lanes_ != 0; }
  // Of the run, this firing included.
  std::int64_t firings_left() const { return counters_[run_].iterations - counters_[run_].index; }

  // The least level at which this firing is the first, or the last, of an iteration; it is so at all greater ones.
  unsigned first_level() const { return first_level_; }
  unsigned last_level() const { return firings_left() == 1 ? run_end_level() : run_level(); }
  // last_level() of the last firing of this run.
  unsigned run_end_level() const;

  // On by so many firings, at most firings_left(). Behind the last firing it stands at the first again.
  void advance(std::int64_t firings);

 private:
  struct Counter {
    std::int64_t start;
    std::int64_t stride;  // from iteration to iteration
    std::int64_t extent;
    std::int64_t iterations;
    std::int64_t index = 0;
  };
  const Counter& inner() const { return counters_.back(); }
  std::int64_t lanes_of(std::size_t i) const { return i + 1 == counters_.size() ? lanes_ : 1; }

  std::vector<Counter> counters_;  // one at least
  unsigned levels_;
  std::size_t run_ = 0;
  std::uint32_t lanes_ = 1;
  std::int64_t lane_step_ = 0;
  unsigned first_level_ = 0;
};

// visit(firings before it, firings) for each piece of the next `count` firings that lies in one run; the chain stands at its
// first firing meanwhile.
template <typename Visit>
void walk_runs(Chain& chain, std::int64_t count, const Visit& visit) {
  for (std::int64_t done = 0; done < count;) {
    const std::int64_t run = std::min(chain.firings_left(), count - done);
    visit(done, run);
    chain.advance(run);
    done += run;
  }
}

}  // namespace rdu_hw::emu
