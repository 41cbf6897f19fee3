// A RESULT: words go to a scalar argument, where the last one stays.
#pragma once

#include "drivers/emu/units/elements.hpp"
#include "drivers/emu/units/unit.hpp"

namespace rdu_hw::emu {

class ScalarResult : public ContextUnit {
 public:
  ScalarResult(const Context& context, World& world);
  sim::Progress run() override;

 private:
  const rdu_hw_transfer& transfer_;
  Input data_;
};

}  // namespace rdu_hw::emu
