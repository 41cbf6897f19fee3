// Stages, functions, number formats and registers of one PCU context.
#include <bit>

#include "drivers/image/fit.hpp"
#include "drivers/image/functions.hpp"

namespace rdu_hw::image {
namespace {

constexpr auto kFit = RDU_HW_IMAGE_ERR_FIT;

std::uint32_t dtypes_of(const rdu_hw_instruction& instruction) {
  switch (instruction.kind) {
    case RDU_HW_DO_COMPUTE:
      return dtype_of_op(instruction.code);
    case RDU_HW_DO_ACCUMULATE_PICK:
    case RDU_HW_DO_REDUCE_PICK:
      return dtype_of_pick(instruction.code);
    default:
      return dtype_of_fold(instruction.code);
  }
}

void fit_tail(const rdu_hw_instruction& instruction, const rdu_hw_arch& arch, const Place& place) {
  const bool computes = instruction.kind == RDU_HW_DO_COMPUTE;
  const std::uint32_t needed = computes ? functions_of(instruction.code) : 0;
  demand(needed != 0 && (needed & ~arch.pcu.tail_functions) == 0, kFit, place, "code",
         "a function of the tail", instruction.code);
}

void fit_instruction(const rdu_hw_instruction& instruction, const rdu_hw_arch& arch,
                     const Place& place) {
  const rdu_hw_pcu& pcu = arch.pcu;
  demand((dtypes_of(instruction) & ~pcu.dtypes) == 0, kFit, place, "code",
         "number formats that the PCU has", instruction.code);
  demand_within<std::uint32_t>(instruction.result, 0, pcu.registers - 1, kFit, place, "result");
  if (instruction.position != RDU_HW_NONE) {
    demand_within<std::uint32_t>(instruction.position, 0, pcu.registers - 1, kFit, place,
                                 "position");
  }
  if (instruction.stage == pcu.stages) return fit_tail(instruction, arch, place);
  const std::uint64_t end = std::uint64_t{instruction.stage} + num_stages(instruction, arch);
  demand_within<std::uint64_t>(end, 1, pcu.stages, kFit, place, "end of its stages");
  if (instruction.kind != RDU_HW_DO_COMPUTE) return;
  demand((functions_of(instruction.code) & ~pcu.stage_functions) == 0, kFit, place, "code",
         "a function of the stages", instruction.code);
}

void fit_systolic(const rdu_hw_systolic& array, const rdu_hw_arch& arch, const Place& place) {
  const rdu_hw_pcu& pcu = arch.pcu;
  demand(pcu.systolic_rows != 0, kFit, place, "program", "no systolic one on this chip",
         int{RDU_HW_PROGRAM_SYSTOLIC});
  demand_within(array.rows, 1u, std::min(pcu.systolic_rows, pcu.lanes), kFit, place, "rows");
  demand_within(array.columns, 1u, std::min(pcu.systolic_columns, pcu.lanes), kFit, place,
                "columns");
  const std::uint32_t needed = array.format == RDU_HW_SYSTOLIC_FP32    ? RDU_HW_DTYPE_FP32
                               : array.format == RDU_HW_SYSTOLIC_INT32 ? RDU_HW_DTYPE_INT32
                                                                       : RDU_HW_DTYPE_BF16;
  demand((pcu.dtypes & needed) != 0, kFit, place, "format", "a number format that the PCU has",
         array.format);
  demand(array.format != RDU_HW_SYSTOLIC_BF16_PAIR || pcu.bf16_per_word == 2, kFit, place, "format",
         "no pairs on this chip", array.format);
}

}  // namespace

std::uint32_t num_stages(const rdu_hw_instruction& instruction, const rdu_hw_arch& arch) {
  const bool reduces =
      instruction.kind == RDU_HW_DO_REDUCE || instruction.kind == RDU_HW_DO_REDUCE_PICK;
  if (!reduces || instruction.stage == arch.pcu.stages) return 1;
  const auto tree = static_cast<std::uint32_t>(std::countr_zero(arch.pcu.lanes));
  return std::max(tree + arch.pcu.reduce_cycles, 1u);
}

void fit_pcu(const ContextView& context, const rdu_hw_arch& arch) {
  if (context.record.program == RDU_HW_PROGRAM_SYSTOLIC) {
    return fit_systolic(context.image.systolics[context.record.detail], arch, context.place);
  }
  const auto instructions = context.instructions();
  std::uint64_t free = 0;
  for (std::uint32_t i = 0; i < instructions.size(); ++i) {
    const Place place = context.place.in("instruction", i);
    fit_instruction(instructions[i], arch, place);
    demand(instructions[i].stage >= free, kFit, place, "stage",
           "one behind the stages of the instruction before", instructions[i].stage);
    free = std::uint64_t{instructions[i].stage} + num_stages(instructions[i], arch);
  }
}

}  // namespace rdu_hw::image
