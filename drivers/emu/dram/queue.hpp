// The bounded queue of one direction: its requests by age, altogether and bank by bank.
#pragma once

#include <cstdint>
#include <vector>

#include "drivers/emu/dram/waiting_line.hpp"

namespace rdu_hw::dram {

// What had to be done before a queued request's column command.
enum class Found : std::uint8_t { kOpen, kNone, kOther };

struct Queued {
  Located what;
  Clock admitted;
  std::int64_t age;  // 0, 1, … in order of admission
  Found found;
};

class Queue {
 public:
  using Slot = std::int32_t;
  static constexpr Slot kNone = -1;

  Queue(std::int32_t depth, std::int32_t banks);

  std::int32_t size() const { return size_; }
  bool full() const { return free_ == kNone; }
  Slot oldest() const { return all_.head; }
  Slot oldest_of(std::int32_t bank) const { return by_bank_[bank].head; }
  // The oldest request of the bank for that row, if there is one.
  Slot oldest_of(std::int32_t bank, std::int64_t row) const {
    Slot s = by_bank_[bank].head;
    while (s != kNone && rows_[s] != row) s = in_bank_[s].after;
    return s;
  }
  Queued& operator[](Slot slot) { return entries_[slot]; }
  const Queued& operator[](Slot slot) const { return entries_[slot]; }

  void push(const Located& what, Clock at);
  void erase(Slot slot);

 private:
  struct Link {
    Slot before = kNone, after = kNone;
  };
  struct List {
    Slot head = kNone, tail = kNone;
  };

  static void append(List& list, std::vector<Link>& links, Slot slot);
  static void unlink(List& list, std::vector<Link>& links, Slot slot);

  std::vector<Queued> entries_;
  std::vector<std::int64_t> rows_;      // of the entries, close together
  std::vector<Link> in_all_, in_bank_;  // a free slot's in_all_.after is the next free one
  List all_;
  std::vector<List> by_bank_;
  Slot free_ = 0;
  std::int32_t size_ = 0;
  std::int64_t next_age_ = 0;
};

}  // namespace rdu_hw::dram
