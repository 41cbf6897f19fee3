// A SIMD context.
#pragma once

#include <optional>

#include "drivers/emu/units/simd_program.hpp"
#include "drivers/emu/units/unit.hpp"

namespace rdu_hw::emu {

class Simd : public ContextUnit {
 public:
  Simd(const Context& context, World& world);
  sim::Progress run() override;
  void report(ContextReport& report) const override;

 private:
  std::optional<SimdProgram> program_;
};

// Cycles from a firing to what it sends: through all stages, used or not.
Time simd_pipeline(const image::ContextView& context, const rdu_hw_arch& arch);

}  // namespace rdu_hw::emu
