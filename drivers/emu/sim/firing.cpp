// Ports become constraints, constraints become times, times move the elements.
#include "drivers/emu/sim/firing.hpp"

#include <algorithm>
#include <cassert>

namespace rdu_hw::sim {

std::int64_t Port::possible() const {
  const std::int64_t elements = side == Side::kInput ? channel->ready() : channel->room();
  return elements * period - position + (need == Need::kLast ? period - 1 : 0);
}

Constraint Port::constraint() const {
  const Stamps& times = side == Side::kInput ? channel->arrivals() : channel->credits();
  if (need == Need::kLast) return {times, 0, period - 1 - position, period};
  // What is in use is not waited for again.
  if (position > 0) return {times, 1, period - position, period};
  return {times, 0, 0, period};
}

Time Port::needed_by_next() const {
  const Stamps& times = side == Side::kInput ? channel->arrivals() : channel->credits();
  const std::int64_t due = need == Need::kLast ? period - 1 : 0;
  return position == due ? times.front() : std::numeric_limits<Time>::min();
}

void Port::fired(std::int64_t count, const Stamps& times) {
  const std::int64_t first = period - 1 - position;
  if (period > 1) position = (position + count) % period;
  if (first >= count) return;
  if (side == Side::kInput) {
    channel->take(times, first, period);
  } else {
    channel->send(times, first, period);
  }
}

Firing::Firing(std::int64_t total, Time interval, Time start)
    : total_(total), interval_(interval), start_(start), ready_(start) {
  assert(total >= 0 && interval >= 0);
}

void Firing::add_input(Channel& channel, std::int64_t period) {
  assert(period >= 1 && period <= kMaxPeriod);
  const auto at = ports_.begin() + static_cast<std::ptrdiff_t>(inputs_++);
  ports_.insert(at, Port{&channel, Port::Side::kInput, Port::Need::kFirst, period});
}

void Firing::add_output(Channel& channel, std::int64_t period, Port::Need need) {
  assert(period >= 1 && period <= kMaxPeriod);
  ports_.push_back(Port{&channel, Port::Side::kOutput, need, period});
}

void Firing::set_period(std::size_t port, std::int64_t period) {
  assert(ports_[port].position == 0 && period >= 1 && period <= kMaxPeriod);
  ports_[port].period = period;
}

void Firing::set_use(std::size_t port, std::int64_t period, std::int64_t position) {
  assert(position >= 0 && position < period);
  ports_[port].period = period;
  ports_[port].position = position;
}

std::int64_t Firing::possible() const {
  std::int64_t count = std::min(granularity_, total_ - fired_);
  for (const Port& port : ports_) {
    if (count == 0) break;
    count = std::min(count, port.possible());
  }
  return count;
}

Time Firing::next_time() const {
  Time t = ready_;
  for (const Port& port : ports_) t = std::max(t, port.needed_by_next());
  return t;
}

void Firing::fire(std::int64_t count) {
  assert(count >= 1 && count <= possible());
  constraints_.clear();
  for (const Port& port : ports_) constraints_.push_back(port.constraint());
  if (gated_) constraints_.push_back({gate_, 0, 0, 1});
  times_.clear();
  ready_ = sim::fire(ready_, interval_, count, constraints_, times_);
  if (gated_) {
    gate_waited_ += constraints_.back().waited();
    gate_.drop(count);
  }
  for (std::size_t p = 0; p < ports_.size(); ++p) ports_[p].waited += constraints_[p].waited();
  for (Port& port : ports_) port.fired(count, times_);
  fired_ += count;
}

Progress Firing::progress() const {
  if (fired_ == total_) return {Progress::State::kDone};
  for (const Port& port : ports_) {
    if (port.possible() > 0) continue;
    const bool input = port.side == Port::Side::kInput;
    return {input ? Progress::State::kEmpty : Progress::State::kFull, port.channel};
  }
  return {};
}

Time Firing::busy() const {
  Time busy = ready_ - start_;
  for (const Port& port : ports_) busy -= port.waited;
  return busy - gate_waited_;
}

}  // namespace rdu_hw::sim
