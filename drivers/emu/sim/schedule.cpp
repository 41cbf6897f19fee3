// Run until blocked; when all are blocked, serve one request of the arbiters; when there is none, it is over.
#include "drivers/emu/sim/schedule.hpp"

#include <algorithm>
#include <cassert>

#include "drivers/emu/sim/deadlock.hpp"

namespace rdu_hw::sim {

void Unit::wake() {
  progress_ = {};
  queue_->push(*this);
}

void Schedule::shuffle(std::uint64_t seed) {
  random_.seed(seed);
  shuffled_ = true;
}

Outcome Schedule::run() {
  queue_.reserve(units_.size());
  for (Unit* unit : units_) {
    unit->queue_ = &queue_;
    unit->progress_ = {};
    queue_.push(*unit);
  }
  do {
    run_units();
  } while (!stopped() && serve_one());

  Outcome outcome{.done = true, .stopped = false, .end = 0, .deadlock = {}};
  for (const Unit* unit : units_) {
    outcome.end = std::max(outcome.end, unit->now());
    outcome.done &= unit->progress().state == Progress::State::kDone;
  }
  outcome.stopped = !outcome.done && stopped();
  if (!outcome.done && !outcome.stopped) outcome.deadlock = describe_deadlock(units_);
  return outcome;
}

void Schedule::run_units() {
  while (!queue_.empty() && !stopped()) {
    if (shuffled_) {
      for (std::uint64_t turns = random_() % queue_.size(); turns > 0; --turns) {
        queue_.push(queue_.pop());
      }
    }
    Unit& unit = queue_.pop();
    unit.progress_ = unit.run();
    assert(unit.progress_.state != Progress::State::kReady);
  }
}

bool Schedule::serve_one() {
  Arbiter* first = nullptr;
  Turn least{};
  for (Arbiter* arbiter : arbiters_) {
    const std::optional<Turn> turn = arbiter->next();
    if (!turn || (first != nullptr && *turn >= least)) continue;
    first = arbiter;
    least = *turn;
  }
  if (first != nullptr) first->serve();
  return first != nullptr;
}

}  // namespace rdu_hw::sim
