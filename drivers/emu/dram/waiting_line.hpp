// Requests that have not entered the queue yet, in their order.
#pragma once

#include <tuple>
#include <vector>

#include "drivers/emu/dram/request.hpp"

namespace rdu_hw::dram {

// A request that knows its bank and its clock.
struct Located {
  Request request;
  Clock arrival;
  std::int32_t bank;
  std::int64_t row;

  auto order() const { return std::tie(request.time, request.requester, request.id); }
};

// Most requests are submitted in order and lie in a plain row; the others in a heap. Either end is found in O(1).
class WaitingLine {
 public:
  bool empty() const { return first_ == row_.size() && strays_.empty(); }
  const Located& front() const { return stray_first() ? strays_.front() : row_[first_]; }
  void push(const Located& request);
  void pop();

 private:
  bool stray_first() const {
    return !strays_.empty() &&
           (first_ == row_.size() || strays_.front().order() < row_[first_].order());
  }

  std::vector<Located> row_;
  std::size_t first_ = 0;
  std::vector<Located> strays_;  // a heap whose front is the first in order
};

}  // namespace rdu_hw::dram
