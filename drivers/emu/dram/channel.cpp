// Takes the steps of a channel: requests enter, a plan becomes a command, a command completes a request.
#include "drivers/emu/dram/channel.hpp"

#include <algorithm>

namespace rdu_hw::dram {

Channel::Channel(const Config& config, std::int32_t index)
    : timing_(config.timing),
      policy_(config.policy),
      ratio_(config.ratio),
      index_(index),
      banks_(config),
      sides_{make_side(config), make_side(config)} {
  for (std::int64_t r = 0; r < config.geometry.ranks; ++r) {
    due_.push_back(timing_.refi + r * timing_.refi / config.geometry.ranks);
  }
}

void Channel::submit(const Located& request) {
  Side& s = side(request.request.direction);
  s.line.push(request);
  if (s.queue.full()) return;
  change_ = std::min(change_, std::max(request.arrival, now_));
  next_ = std::min(next_, change_);
}

std::optional<Completion> Channel::serve() {
  const Clock at = next_;
  if (change_ == at) change(at);
  if (planned_.clock != at) return std::nullopt;
  begin_turn(next_turn_);
  std::optional<Completion> completion = issue(planned_);
  // A freed slot is filled in the next clock; who has arrived by now is first in line for it.
  admit(at, now_);
  schedule();
  return completion;
}

// Until `at` nothing happened but refreshes of an idle channel, or the begin of a turn.
void Channel::change(Clock at) {
  if (idle()) {
    for (Plan p = plan_refresh(at); p.clock < at; p = plan_refresh(at)) issue(p);
  } else if (at > now_) {
    begin_turn(next_turn_);
  }
  now_ = at;
  admit(at, at);
  schedule();
}

void Channel::begin_turn(Direction turn) {
  if (turn == turn_) return;
  const Queue& queue = side(turn).queue;
  turn_ = turn;
  served_ = 0;
  first_age_ = queue[queue.oldest()].age;
}

void Channel::admit(Clock arrived_by, Clock at) {
  for (Side& s : sides_) {
    while (!s.queue.full() && !s.line.empty() && s.line.front().arrival <= arrived_by) {
      const std::int32_t bank = s.line.front().bank;
      s.queue.push(s.line.front(), at);
      s.targets.update(bank, s.queue, banks_.open_row(bank));
      s.line.pop();
    }
  }
}

void Channel::schedule() {
  change_ = next_change();
  if (idle()) {
    planned_ = {};
  } else {
    next_turn_ = choose_turn();
    planned_ = plan(next_turn_);
  }
  next_ = std::min(change_, planned_.clock);
}

std::optional<Completion> Channel::issue(const Plan& plan) {
  now_ = plan.clock + 1;
  std::int64_t row = 0;
  std::optional<Completion> completion;
  Queue& queue = side(turn_).queue;
  switch (plan.kind) {
    case CommandKind::kRefresh:
      banks_.refresh(banks_.rank_of(plan.bank), plan.clock);
      due_[banks_.rank_of(plan.bank)] += timing_.refi;
      ++statistics_.refreshes;
      break;
    case CommandKind::kPrecharge:
      banks_.precharge(plan.bank, plan.clock);
      if (plan.slot != Queue::kNone) queue[plan.slot].found = Found::kOther;
      update_targets(plan.bank);
      ++statistics_.precharges;
      break;
    case CommandKind::kActivate: {
      Queued& q = queue[plan.slot];
      row = q.what.row;
      banks_.activate(plan.bank, row, plan.clock);
      if (q.found == Found::kOpen) q.found = Found::kNone;
      update_targets(plan.bank);
      ++statistics_.activates;
      break;
    }
    case CommandKind::kRead:
    case CommandKind::kWrite:
      row = queue[plan.slot].what.row;
      completion = complete(plan, turn_);
      break;
  }
  if (commands_) commands_->push_back({plan.clock, index_, plan.bank, plan.kind, row});
  return completion;
}

// After the bank was opened or closed.
void Channel::update_targets(std::int32_t bank) {
  for (Side& s : sides_) s.targets.update(bank, s.queue, banks_.open_row(bank));
}

Completion Channel::complete(const Plan& plan, Direction direction) {
  Queue& queue = side(direction).queue;
  const Queued& q = queue[plan.slot];
  const Clock end = banks_.column(plan.bank, direction, plan.clock);
  const Request& request = q.what.request;
  const Completion completion{request.id, request.requester, direction, ratio_.completion(end)};

  Statistics& s = statistics_;
  ++(q.found == Found::kOpen   ? s.row_hits
     : q.found == Found::kNone ? s.row_misses
                               : s.row_conflicts);
  const bool read = direction == Direction::kRead;
  ++(read ? s.reads : s.writes);
  (read ? s.read_latency : s.write_latency) += completion.time - request.time;
  s.busy_clocks += timing_.burst();
  s.last_data = end;
  queue.erase(plan.slot);
  side(direction).targets.update(plan.bank, queue, banks_.open_row(plan.bank));
  ++served_;
  return completion;
}

}  // namespace rdu_hw::dram
