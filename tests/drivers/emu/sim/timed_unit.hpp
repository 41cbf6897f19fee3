// A unit that is nothing but its firings, and remembers when they were.
#pragma once

#include <string>
#include <utility>

#include "drivers/emu/sim/firing.hpp"
#include "drivers/emu/sim/schedule.hpp"
#include "drivers/emu/sim/unit.hpp"

namespace sim_test {

class TimedUnit : public rdu_hw::sim::Unit {
 public:
  TimedUnit(std::string name, std::int64_t firings, rdu_hw::sim::Time interval = 1)
      : Unit(std::move(name)), firing(firings, interval) {}

  rdu_hw::sim::Progress run() override {
    while (const std::int64_t count = firing.possible()) {
      firing.fire(count);
      times.append(firing.times());
    }
    return firing.progress();
  }
  rdu_hw::sim::Time now() const override { return firing.ready(); }

  rdu_hw::sim::Firing firing;
  rdu_hw::sim::Stamps times;
};

// A channel from one such unit to another.
inline void link(rdu_hw::sim::Channel& channel, TimedUnit& writer, TimedUnit& reader,
                 std::int64_t writer_period = 1, std::int64_t reader_period = 1) {
  writer.firing.add_output(channel, writer_period);
  reader.firing.add_input(channel, reader_period);
  channel.connect(&writer, &reader);
}

template <typename... Units>
rdu_hw::sim::Outcome run_all(Units&... units) {
  rdu_hw::sim::Schedule schedule;
  (schedule.add(units), ...);
  return schedule.run();
}

}  // namespace sim_test
