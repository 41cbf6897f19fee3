// Two linked lists through one array of slots.
#include "drivers/emu/dram/queue.hpp"

namespace rdu_hw::dram {

Queue::Queue(std::int32_t depth, std::int32_t banks)
    : entries_(depth), rows_(depth), in_all_(depth), in_bank_(depth), by_bank_(banks) {
  for (Slot s = 0; s + 1 < depth; ++s) in_all_[s].after = s + 1;
}

void Queue::push(const Located& what, Clock at) {
  const Slot slot = free_;
  free_ = in_all_[slot].after;
  entries_[slot] = {what, at, next_age_++, Found::kOpen};
  rows_[slot] = what.row;
  append(all_, in_all_, slot);
  append(by_bank_[what.bank], in_bank_, slot);
  ++size_;
}

void Queue::erase(Slot slot) {
  const std::int32_t bank = entries_[slot].what.bank;
  unlink(all_, in_all_, slot);
  unlink(by_bank_[bank], in_bank_, slot);
  in_all_[slot].after = free_;
  free_ = slot;
  --size_;
}

void Queue::append(List& list, std::vector<Link>& links, Slot slot) {
  links[slot] = {list.tail, kNone};
  (list.tail == kNone ? list.head : links[list.tail].after) = slot;
  list.tail = slot;
}

void Queue::unlink(List& list, std::vector<Link>& links, Slot slot) {
  const auto [before, after] = links[slot];
  (before == kNone ? list.head : links[before].after) = after;
  (after == kNone ? list.tail : links[after].before) = before;
}

}  // namespace rdu_hw::dram
