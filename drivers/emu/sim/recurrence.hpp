// The recurrence that every unit's timing is: t(n) = max(t(n-1) + interval, constraints on firing n).
#pragma once

#include <cstdint>
#include <span>

#include "drivers/emu/sim/stamps.hpp"

namespace rdu_hw::sim {

// Firing first + j·period happens no earlier than times[j]. Period 1: one element per firing. Period k: an element that
// serves k firings (needed at the first of them), or one that k firings make (room is needed at the last of them).
class Constraint {
 public:
  // `times` must stay as they are while the constraint is in use; skip of them are left out.
  Constraint(const Stamps& times, std::int64_t skip, std::int64_t first, std::int64_t period);

  // Cycles by which this constraint delayed firings; see fire().
  Time waited() const { return waited_; }

 private:
  friend Time fire(Time ready, Time interval, std::int64_t count, std::span<Constraint> constraints,
                   Stamps& out);

  void pass(std::int64_t firings);
  std::int64_t firings_below(Time t, Time step, Time margin) const;

  StampsCursor cursor_;
  std::int64_t due_;  // firings until the one that needs the element at the cursor
  std::int64_t period_;
  Time waited_ = 0;
};

// Appends the times of `count` firings to out and returns the earliest time of the one after: its t(n-1) + interval.
// `ready` is that time for the first of them; interval ≥ 0. The delay t(n) − (t(n-1) + interval) is counted as waited by the
// constraint that equals t(n), by the first such if several do. Costs O(segments of the result × constraints) plus O(elements)
// of constraints with a period > 1 that arrive more slowly than they are used.
Time fire(Time ready, Time interval, std::int64_t count, std::span<Constraint> constraints,
          Stamps& out);

}  // namespace rdu_hw::sim
