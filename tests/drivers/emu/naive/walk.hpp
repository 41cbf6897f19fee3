// A chain of counters: where a context is in its iterations.
#pragma once

#include <rdu_hw/config.h>

#include <cstdint>
#include <span>
#include <vector>

namespace naive {

class Walk {
 public:
  explicit Walk(std::span<const rdu_hw_counter> counters);

  std::uint32_t levels() const { return static_cast<std::uint32_t>(counters_.size()); }
  bool over() const { return over_; }
  // Whether this firing is the first, the last, of an iteration at the level.
  bool begins(std::uint32_t level) const;
  bool ends(std::uint32_t level) const;
  // Iterations at the level that are over.
  std::int64_t completed(std::uint32_t level) const { return completed_[level]; }
  bool in_first_iteration(std::uint32_t counter) const { return step_[counter] == 0; }

  // Of the innermost counter; one without counters.
  std::uint32_t lanes() const { return counters_.empty() ? 1 : counters_.back().lanes; }
  bool valid(std::uint32_t lane) const;
  // Of the innermost counter: how far the lane is in its run, and the run's length.
  std::int64_t index(std::uint32_t lane) const;
  std::int64_t run_length() const { return counters_.empty() ? 1 : extent_.back(); }
  // The innermost counter's value is the lane's own.
  std::int64_t value(std::uint32_t counter, std::uint32_t lane) const;

  void set_extent(std::uint32_t counter, std::int64_t extent) { extent_[counter] = extent; }
  void advance();

 private:
  std::int64_t iterations(std::size_t counter) const;

  std::span<const rdu_hw_counter> counters_;
  std::vector<std::int64_t> extent_, step_;
  std::vector<std::int64_t> completed_;
  bool over_ = false;
};

}  // namespace naive
