// The timing of a unit: its ports, and the recurrence over them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "drivers/emu/sim/channel.hpp"
#include "drivers/emu/sim/recurrence.hpp"
#include "drivers/emu/sim/unit.hpp"

namespace rdu_hw::sim {

// One end of a channel, and how a unit's firings use it: `period` firings share an element, which is taken, or sent, at the last of
// them. An input's element is needed at the first. Room for an output's is needed at the last (a result of many firings), or at the
// first where they write into the room itself (a buffer that is filled firing by firing).
struct Port {
  enum class Side { kInput, kOutput };
  enum class Need { kFirst, kLast };
  Channel* channel;
  Side side;
  Need need;
  std::int64_t period;
  std::int64_t position = 0;  // firings of the current element that are over
  Time waited = 0;            // cycles that firings were delayed by this port: starved, or blocked

  // Firings that the elements, or the room, suffice for.
  std::int64_t possible() const;
  Constraint constraint() const;
  // When the next firing has what it needs of this port; possible() is not 0.
  Time needed_by_next() const;
  // After `count` firings at `times`: takes or sends.
  void fired(std::int64_t count, const Stamps& times);
};

inline constexpr std::int64_t kUnlimited = std::numeric_limits<std::int64_t>::max();

// A number of firings, made in blocks as long as elements and room permit. The result does not depend on how they are cut.
class Firing {
 public:
  // `total` firings, the first no earlier than `start`. A unit that only passes on may take no time at all.
  explicit Firing(std::int64_t total, Time interval = 1, Time start = 0);

  // Ports of one side are compared in the order in which they are added, inputs before outputs.
  void add_input(Channel& channel, std::int64_t period = 1);
  void add_output(Channel& channel, std::int64_t period = 1, Port::Need need = Port::Need::kLast);
  // How long each firing from now on occupies the unit: t(n + 1) ≥ t(n) + interval of n.
  void set_interval(Time interval) { interval_ = interval; }
  // For the elements of a port (its place in ports()) from the next on; between two elements only. What a shorter last tile
  // needs.
  void set_period(std::size_t port, std::int64_t period);
  // The same within an element: `position` firings of `period` are over. For periods that become known as they run.
  void set_use(std::size_t port, std::int64_t period, std::int64_t position);
  // A further constraint of the unit's own, compared after all ports: one time per firing, appended before fire().
  void add_gate() { gated_ = true; }
  Stamps& gate() { return gate_; }
  Time gate_waited() const { return gate_waited_; }
  // The longest block; 1 fires vector by vector.
  void set_granularity(std::int64_t firings) { granularity_ = firings; }

  // Firings that could be made now; 0 where progress() is blocked or done.
  std::int64_t possible() const;
  // When the next of them would happen by everything but the gate; possible() is not 0.
  Time next_time() const;
  // Makes count ≤ possible() firings: takes, computes the times, sends.
  void fire(std::int64_t count);
  Progress progress() const;

  // The program of most units: body(count) computes the values of a block from fronts of inputs into backs of outputs.
  template <typename Body>
  Progress run(Body&& body) {
    while (const std::int64_t count = possible()) {
      body(count);
      fire(count);
    }
    return progress();
  }

  // Of the last block.
  const Stamps& times() const { return times_; }
  // The earliest time of the next firing by the unit alone.
  Time ready() const { return ready_; }
  std::int64_t fired() const { return fired_; }
  std::span<const Port> ports() const { return ports_; }
  // Cycles from start to ready() in which it did not wait: ready() − start = busy() + Σ waited, the gate's included.
  Time busy() const;

 private:
  std::vector<Port> ports_;  // inputs, then outputs
  std::size_t inputs_ = 0;
  std::int64_t total_;
  std::int64_t fired_ = 0;
  std::int64_t granularity_ = kUnlimited;
  Time interval_;
  Time start_;
  Time ready_;
  bool gated_ = false;
  Time gate_waited_ = 0;
  Stamps gate_;
  Stamps times_;
  std::vector<Constraint> constraints_;
};

}  // namespace rdu_hw::sim
