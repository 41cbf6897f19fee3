// One firing is computed by the definition; then the line through it is followed for as long as no constraint rises above it.
#include "drivers/emu/sim/recurrence.hpp"

#include <algorithm>
#include <cassert>
#include <limits>

namespace rdu_hw::sim {
namespace {

constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

}  // namespace

Constraint::Constraint(const Stamps& times, std::int64_t skip, std::int64_t first,
                       std::int64_t period)
    : cursor_(times), due_(first), period_(period) {
  assert(first >= 0 && period >= 1);
  cursor_.advance(skip);
}

// On by a number of firings, whose elements are then behind.
void Constraint::pass(std::int64_t firings) {
  due_ -= firings;
  if (due_ >= 0) return;
  // Period 1 is the common one, and a division is slow.
  const std::int64_t elements = period_ == 1 ? -due_ : (period_ - 1 - due_) / period_;
  cursor_.advance(elements);
  due_ += elements * period_;
}

// How many firings keep to the line t, t + step, … until one might be delayed: by an element above the line, or by margin 1
// on it. The first of them has just been passed.
std::int64_t Constraint::firings_below(Time t, Time step, Time margin) const {
  if (cursor_.done()) return kNever;
  const Time excess = cursor_.value() - (t + (due_ + 1) * step) + margin;
  if (excess > 0) return due_ + 1;
  const Time gain = cursor_.step() - period_ * step;
  std::int64_t elements = cursor_.left();
  if (gain > 0) elements = std::min(elements, -excess / gain + 1);
  return due_ + 1 + elements * period_;
}

Time fire(Time ready, Time interval, std::int64_t count, std::span<Constraint> constraints,
          Stamps& out) {
  assert(interval >= 0);
  while (count > 0) {
    Time t = ready;
    Constraint* latest = nullptr;
    for (Constraint& c : constraints) {
      if (c.due_ != 0 || c.cursor_.done() || c.cursor_.value() <= t) continue;
      t = c.cursor_.value();
      latest = &c;
    }
    // Elements that come one per firing and more slowly than the interval set the pace.
    Time step = interval;
    if (latest != nullptr && latest->period_ == 1 && latest->cursor_.left() > 1) {
      step = std::max(step, latest->cursor_.step());
    }
    std::int64_t run = count;
    for (Constraint& c : constraints) {
      c.pass(1);
      // Along a line of waiting, the first of equal constraints is the one waited for.
      const Time margin = step > interval && &c < latest ? 1 : 0;
      if (run > 1) run = std::min(run, c.firings_below(t, step, margin));
    }
    if (run > 1) {
      for (Constraint& c : constraints) c.pass(run - 1);
    }
    if (latest != nullptr) latest->waited_ += t - ready + (run - 1) * (step - interval);
    out.append(Segment{t, step, run});
    ready = t + (run - 1) * step + interval;
    count -= run;
  }
  return ready;
}

}  // namespace rdu_hw::sim
