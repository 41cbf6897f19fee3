// Values by the program, one interval after another.
#include "drivers/emu/units/simd.hpp"

#include <algorithm>

#include "drivers/image/functions.hpp"

namespace rdu_hw::emu {
namespace {

// Of one instruction in one lane: a multiply-add is two, what only moves or changes bits is none.
std::int64_t operations_of(const rdu_hw_instruction& instruction) {
  switch (instruction.kind) {
    case RDU_HW_DO_COMPUTE:
      if (image::dtype_of_op(instruction.code) == 0) return 0;
      return instruction.code == RDU_HW_OP_FMA_F32 || instruction.code == RDU_HW_OP_MAD_I32 ? 2 : 1;
    case RDU_HW_DO_ACCUMULATE_PRODUCT:
      return 2;
    default:
      return 1;
  }
}

}  // namespace

Simd::Simd(const Context& context, World& world) : ContextUnit(context, world) {
  if (!values()) return;
  program_.emplace(context, world, timeline_);
  timeline_.limit_blocks(program_->longest());
}

sim::Progress Simd::run() {
  if (!program_) {
    return run_blocks([](std::int64_t) {});
  }
  return run_blocks([&](std::int64_t count) { program_->run(timeline_.chain(), count); });
}

void Simd::report(ContextReport& report) const {
  ContextUnit::report(report);
  std::int64_t per_lane = 0;
  for (const rdu_hw_instruction& instruction : context_.view.instructions()) {
    per_lane += operations_of(instruction);
  }
  report.operations = per_lane * timeline_.valid_lanes();
}

Time simd_pipeline(const image::ContextView& context, const rdu_hw_arch& arch) {
  const auto instructions = context.instructions();
  const bool tail = !instructions.empty() && instructions.back().stage == arch.pcu.stages;
  return Time{arch.pcu.stages} + (tail ? 1 : 0);
}

}  // namespace rdu_hw::emu
