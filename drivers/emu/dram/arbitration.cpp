// Decides which command a channel issues next: the policy, without any effect.
#include <algorithm>
#include <array>
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
  const auto& [line, queue, targets] = side(turn);
  const std::uint64_t refreshing = banks_to_refresh();
  std::uint64_t others = ~refreshing;
  Plan best = refreshing == 0 ? Plan{} : plan_refresh(now_);
  std::array<Clock, 3> reserved{kNever, kNever, kNever};  // by need

  if (const Queue::Slot old = old_of(turn); old != Queue::kNone) {
    const std::int32_t bank = queue[old].what.bank;
    const std::uint64_t bit = std::uint64_t{1} << bank;
    if (others & bit) {
      const Need need = need_of(turn, old);
      Plan first = plan_for(turn, old, need);
      first.urgency = 1;
      best = std::min(best, first);
      reserved[static_cast<int>(need)] = banks_.ready(bank, first.kind);
      others &= ~bit;
    }
  }
  for (const Need need : {Need::kColumn, Need::kActivate, Need::kPrecharge}) {
    const Clock before = reserved[static_cast<int>(need)];
    for (std::uint64_t rest = targets.banks(need) & others; rest != 0; rest &= rest - 1) {
      const Plan next = plan_for(turn, targets[std::countr_zero(rest)], need);
      if (next.clock < before && next < best) best = next;
    }
  }
  return best;
}

// The banks of the ranks that must refresh: they take no other command.
std::uint64_t Channel::banks_to_refresh() const {
  std::uint64_t banks = 0;
  for (std::size_t r = 0; r < due_.size(); ++r) {
    if (due_[r] <= now_) banks |= banks_.bits_of(static_cast<std::int32_t>(r));
  }
  return banks;
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

// The next command on behalf of one request.
Channel::Plan Channel::plan_for(Direction turn, Queue::Slot slot, Need need) const {
  const Queued& q = side(turn).queue[slot];
  const std::int32_t bank = q.what.bank;
  const auto at = [&](Clock earliest, int urgency, CommandKind kind) {
    return Plan{std::max(now_, earliest), urgency, q.age, kind, bank, slot};
  };
  switch (need) {
    case Need::kColumn:
      return at(banks_.earliest_column(bank, turn), 2,
                turn == Direction::kRead ? CommandKind::kRead : CommandKind::kWrite);
    case Need::kActivate:
      return at(banks_.earliest_activate(bank), 3, CommandKind::kActivate);
    case Need::kPrecharge:
      break;
  }
  return at(banks_.earliest_precharge(bank), 3, CommandKind::kPrecharge);
}

// An old request does not wait for hits to the row that lies in its way.
Need Channel::need_of(Direction turn, Queue::Slot slot) const {
  const Located& what = side(turn).queue[slot].what;
  const std::int64_t open = banks_.open_row(what.bank);
  if (open == Banks::kClosed) return Need::kActivate;
  return open == what.row ? Need::kColumn : Need::kPrecharge;
}

}  // namespace rdu_hw::dram
