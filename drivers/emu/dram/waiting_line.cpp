// Appends what comes in order, and keeps a heap of what does not.
#include "drivers/emu/dram/waiting_line.hpp"

#include <algorithm>

namespace rdu_hw::dram {
namespace {

bool comes_later(const Located& a, const Located& b) { return b.order() < a.order(); }

// What was taken from the front is given back when it is the greater part.
constexpr std::size_t kCompactAbove = 1024;

}  // namespace

void WaitingLine::push(const Located& request) {
  if (first_ == row_.size() || row_.back().order() < request.order()) {
    row_.push_back(request);
    return;
  }
  strays_.push_back(request);
  std::push_heap(strays_.begin(), strays_.end(), comes_later);
}

void WaitingLine::pop() {
  if (stray_first()) {
    std::pop_heap(strays_.begin(), strays_.end(), comes_later);
    strays_.pop_back();
    return;
  }
  if (++first_ == row_.size()) {
    row_.clear();
    first_ = 0;
  } else if (first_ >= kCompactAbove && 2 * first_ >= row_.size()) {
    row_.erase(row_.begin(), row_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
  }
}

}  // namespace rdu_hw::dram
