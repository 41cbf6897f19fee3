// Which of several channels is next: a tournament tree over their clocks.
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

#include "drivers/emu/dram/channel.hpp"

namespace rdu_hw::dram {

// Of equal clocks the lower index is first.
class Earliest {
 public:
  explicit Earliest(std::size_t count)
      : leaves_(std::bit_ceil(count)), clock_(leaves_, kNever), winner_(2 * leaves_) {
    for (std::size_t i = 0; i < leaves_; ++i) winner_[leaves_ + i] = i;
    for (std::size_t n = leaves_; n-- > 1;) winner_[n] = winner_[2 * n];
  }

  std::size_t index() const { return winner_[1]; }
  Clock clock() const { return clock_[winner_[1]]; }

  void set(std::size_t index, Clock clock) {
    if (clock_[index] == clock) return;
    clock_[index] = clock;
    for (std::size_t n = (leaves_ + index) / 2; n > 0; n /= 2) {
      const std::size_t left = winner_[2 * n], right = winner_[2 * n + 1];
      winner_[n] = clock_[left] <= clock_[right] ? left : right;
    }
  }

 private:
  std::size_t leaves_;
  std::vector<Clock> clock_;
  std::vector<std::size_t> winner_;  // of node n's subtree; the children of n are 2n and 2n + 1
};

}  // namespace rdu_hw::dram
