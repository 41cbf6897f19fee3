// Decides which command a channel issues next: the policy, without any effect.
#include <algorithm>
#include <bit>

#include "drivers/emu/dram/channel.hpp"

namespace rdu_hw::dram {

// Whose turn it is at now_.
Direction Channel::choose_turn() const {
  const std::int32_t reads = side(Direction::kRead).queue.size();
  const std::int32_t writes = side(Direction::kWrite).queue.size();
  const bool old_write = old_of(Direction::kWrite) != Queue::kNone;
  if (turn_ == Direction::kRead) {
    const bool asked = (writes >= policy_.write_high || old_write) && is_spent();
    return writes > 0 && (reads == 0 || asked) ? Direction::kWrite : Direction::kRead;
  }
  const bool drained = writes <= policy_.write_low && !old_write;
  return reads > 0 && (drained || is_spent()) ? Direction::kRead : Direction::kWrite;
}

// A turn that has served its quantum is over, but not before an old request that was its oldest from the beginning:
// what was prepared for that one would be undone by the other direction, again and again.
bool Channel::is_spent() const {
  if (served_ < policy_.quantum) return false;
  const Queue::Slot old = old_of(turn_);
  return old == Queue::kNone || side(turn_).queue[old].age != first_age_;
}

// The oldest request of a direction, if it has lost patience.
Queue::Slot Channel::old_of(Direction direction) const {
  const Queue& queue = side(direction).queue;
  const Queue::Slot oldest = queue.oldest();
  const bool old = oldest != Queue::kNone && queue[oldest].admitted + policy_.patience <= now_;
  return old ? oldest : Queue::kNone;
}

// The first clock from which a plan made at now_ may be wrong: a request enters, a rank must refresh, patience ends.
Clock Channel::next_change() const {
  Clock next = kNever;
  const auto later = [&](Clock at) {
    if (at > now_) next = std::min(next, at);
  };
  for (const Side& s : sides_) {
    if (!s.queue.full() && !s.line.empty()) {
      next = std::min(next, std::max(s.line.front().arrival, now_));
    }
    if (s.queue.oldest() != Queue::kNone) {
      later(s.queue[s.queue.oldest()].admitted + policy_.patience);
    }
  }
  if (!idle()) {
    for (const Clock due : due_) later(due);
  }
  return next;
}

// An old request goes first. The others leave it its bank, and, from when its bank would take its next command, issue
// no command of that kind: so nothing that they do can delay it for long, and they fill the time until then.
Channel::Plan Channel::plan(Direction turn) const {
  const Queue& queue = side(turn).queue;
  Plan best = plan_refresh(now_);
  std::uint64_t banks = queue.banks();
  Plan first;
  if (const Queue::Slot old = old_of(turn); old != Queue::kNone) {
    first = plan_for(turn, old);
    first.urgency = 1;
    best = std::min(best, first);
    banks &= ~(std::uint64_t{1} << queue[old].what.bank);
  }
  const Clock reserved = first.clock == kNever ? kNever : banks_.ready(first.bank, first.kind);
  for (; banks != 0; banks &= banks - 1) {
    const std::int32_t bank = std::countr_zero(banks);
    Queue::Slot slot = queue.oldest_of(bank, banks_.open_row(bank));
    if (slot == Queue::kNone) slot = queue.oldest_of(bank);
    const Plan plan = plan_for(turn, slot);
    if (plan.kind == first.kind && plan.clock >= reserved) continue;
    best = std::min(best, plan);
  }
  return best;
}

// The next command of the refreshes that are due by then: the rank's banks are closed one by one, then it refreshes.
Channel::Plan Channel::plan_refresh(Clock due_by) const {
  Plan best;
  for (std::size_t r = 0; r < due_.size(); ++r) {
    if (due_[r] <= due_by) best = std::min(best, plan_refresh_of(static_cast<std::int32_t>(r)));
  }
  return best;
}

Channel::Plan Channel::plan_refresh_of(std::int32_t rank) const {
  const Clock from = std::max(now_, due_[rank]);
  Plan best;
  for (std::int32_t b = banks_.first_of(rank); b < banks_.first_of(rank + 1); ++b) {
    if (banks_.open_row(b) == Banks::kClosed) continue;
    const Clock at = std::max(from, banks_.earliest_precharge(b));
    best = std::min(best, {at, 0, b, CommandKind::kPrecharge, b, Queue::kNone});
  }
  if (best.clock != kNever) return best;
  const std::int32_t first = banks_.first_of(rank);
  const Clock at = std::max(from, banks_.earliest_refresh(rank));
  return {at, 0, first, CommandKind::kRefresh, first, Queue::kNone};
}

// The next command on behalf of one request; none while its rank must refresh.
Channel::Plan Channel::plan_for(Direction direction, Queue::Slot slot) const {
  const Queued& q = side(direction).queue[slot];
  const std::int32_t bank = q.what.bank;
  if (refresh_pending(bank)) return {};
  const auto at = [&](Clock earliest, int urgency, CommandKind kind) {
    return Plan{std::max(now_, earliest), urgency, q.age, kind, bank, slot};
  };
  const std::int64_t open = banks_.open_row(bank);
  if (open == q.what.row) {
    const bool read = direction == Direction::kRead;
    return at(banks_.earliest_column(bank, direction), 2,
              read ? CommandKind::kRead : CommandKind::kWrite);
  }
  if (open == Banks::kClosed) return at(banks_.earliest_activate(bank), 3, CommandKind::kActivate);
  return at(banks_.earliest_precharge(bank), 3, CommandKind::kPrecharge);
}

}  // namespace rdu_hw::dram
