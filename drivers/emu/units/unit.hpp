// A context of a section as a unit of the simulation.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "drivers/emu/sim/schedule.hpp"
#include "drivers/emu/units/context.hpp"
#include "drivers/emu/units/timeline.hpp"

namespace rdu_hw::emu {

// What simulates a context: one unit or two, and what they report together.
class ContextUnit : public sim::Unit {
 public:
  ContextUnit(const Context& context, World& world, const std::vector<Attachment>& ports)
      : Unit(context.name), context_(context), world_(world), timeline_(context, world, ports) {}
  ContextUnit(const Context& context, World& world)
      : ContextUnit(context, world, attach(context, all_ports(context))) {}

  sim::Time now() const override { return timeline_.firing().ready(); }
  // The unit that sends what leaves by this output.
  virtual sim::Unit& sender(std::uint32_t) { return *this; }
  // Adds this unit, and what belongs to it, to the schedule.
  virtual void join(sim::Schedule& schedule) { schedule.add(*this); }
  // Whether all of it is over that a section waits for.
  virtual bool done() const { return timeline_.done(); }
  // When the last of its firings is over; 0 without any.
  virtual Time end() const { return timeline_.end(); }
  virtual void report(ContextReport& report) const { report.main = timeline_.report(); }

 protected:
  bool values() const { return world_.options.values; }
  unsigned lanes() const { return world_.arch.pcu.lanes; }

  // The program of most units: body(count) computes a block.
  template <typename Body>
  sim::Progress run_blocks(const Body& body) {
    while (const std::int64_t count = timeline_.possible()) {
      body(count);
      timeline_.fire(count);
    }
    return timeline_.progress();
  }

  const Context& context_;
  World& world_;
  Timeline timeline_;
};

}  // namespace rdu_hw::emu
