// One section of an image: its units, built, run and reported.
#pragma once

#include <memory>
#include <vector>

#include "drivers/emu/chip/links.hpp"
#include "drivers/emu/units/controllers.hpp"
#include "drivers/emu/units/pmu_ports.hpp"
#include "drivers/emu/units/store.hpp"
#include "drivers/emu/units/unit.hpp"

namespace rdu_hw::emu {

class Section {
 public:
  // world.start is when its contexts begin.
  Section(World& world, Controllers& controllers, std::uint32_t number);

  // To the end; false where that is not reached, and then `failure` and `error` say why.
  bool run(Failure& failure, std::string& error);
  // When the last firing is over, and when the last store is acknowledged.
  Time execution_end() const;
  Time quiet_end() const;
  void report(Report& report) const;

 private:
  void build_contexts();
  void build_unit(Context& context);
  void connect();
  void share_ports();
  sim::Outcome run_schedule();
  AgcuShare share_of(const Context& context) const;

  World& world_;
  Controllers& controllers_;
  std::uint32_t number_;
  Links links_;
  std::vector<std::unique_ptr<Context>> contexts_;
  std::vector<std::unique_ptr<ContextUnit>> units_;  // by context
  std::vector<Store*> stores_;
  PmuPorts pmu_ports_;
};

}  // namespace rdu_hw::emu
