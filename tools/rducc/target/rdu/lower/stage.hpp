// What a node of a section is expected to take, and what its nodes take together.
#pragma once

#include <algorithm>

namespace rducc::rdu::lower {

// In cycles.
struct Stage {
  double working = 0;  // at one result after another
  double loading = 0;  // from memory, before it begins
  double blocks = 1;   // after each of which the next stage can go on

  double lag() const { return working / blocks; }
};

// Stages one behind another: each begins with the first block of the one before, and ends at least a block of its own after it.
class Stages {
 public:
  void add(const Stage& stage) {
    begin_ = std::max(begin_ + lag_, stage.loading);
    lag_ = stage.lag();
    end_ = std::max(begin_ + stage.working, end_ + lag_);
    loading_ += stage.loading;
  }
  double cycles() const { return std::max(end_, loading_); }

 private:
  double begin_ = 0, lag_ = 0, end_ = 0;
  double loading_ = 0;  // of all, who share the memory
};

}  // namespace rducc::rdu::lower
