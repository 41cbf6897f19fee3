// A queue that keeps its memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace rdu_hw::emu {

// Items are numbered from 0 for ever; those from begin() to end() - 1 are in it.
template <typename Item>
class Queue {
 public:
  std::int64_t begin() const { return begin_; }
  std::int64_t end() const { return end_; }
  bool empty() const { return begin_ == end_; }
  Item& operator[](std::int64_t i) {
    return items_[static_cast<std::size_t>(i) & (items_.size() - 1)];
  }
  Item& front() { return (*this)[begin_]; }
  // The new last item: what some earlier one left there.
  Item& push() {
    if (static_cast<std::size_t>(end_ - begin_) == items_.size()) grow();
    return (*this)[end_++];
  }
  void push(const Item& item) { push() = item; }
  void pop() { ++begin_; }

 private:
  void grow() {
    std::vector<Item> more(items_.empty() ? 16 : 2 * items_.size());
    for (std::int64_t i = begin_; i < end_; ++i) {
      more[static_cast<std::size_t>(i) & (more.size() - 1)] = std::move((*this)[i]);
    }
    items_ = std::move(more);
  }

  std::vector<Item> items_;  // a power of two of them
  std::int64_t begin_ = 0;
  std::int64_t end_ = 0;
};

}  // namespace rdu_hw::emu
