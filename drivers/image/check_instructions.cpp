// SIMD programs: every operand leads somewhere, and no register is read before it is written.
#include <bitset>

#include "drivers/emu/arith/ops.hpp"
#include "drivers/image/checks.hpp"

namespace rdu_hw::image {
namespace {

constexpr auto kValue = RDU_HW_IMAGE_ERR_VALUE;
constexpr auto kConflict = RDU_HW_IMAGE_ERR_CONFLICT;
constexpr std::uint32_t kMaxRegisters = 256;
constexpr std::int16_t kMaxShift = 63;
constexpr const char* kOperandFields[3] = {"operand a", "operand b", "operand c"};

// How many operands an instruction must have, and may have.
struct Arity {
  unsigned least;
  unsigned most;
};

class Checker {
 public:
  explicit Checker(const ContextView& context) : context_(context) {}

  void run() {
    const auto instructions = context_.instructions();
    for (std::uint32_t i = 0; i < instructions.size(); ++i) {
      const Place place = context_.place.in("instruction", i);
      demand(i == 0 || instructions[i].stage > instructions[i - 1].stage, kConflict, place, "stage",
             "a later one than the instruction before", instructions[i].stage);
      check(instructions[i], place);
    }
    for (std::uint32_t i = 0; i < context_.record.ports.count; ++i) {
      const rdu_hw_port& port = context_.ports()[i];
      if (port.direction == RDU_HW_INPUT || port.kind == RDU_HW_CONTROL) continue;
      check(port.value, context_.place.in("port", i), "value");
    }
  }

 private:
  void check(const rdu_hw_instruction& instruction, const Place& place) {
    demand_within<std::uint32_t>(instruction.kind, 0, RDU_HW_DO_REDUCE_PICK, kValue, place, "kind");
    demand_equal(instruction.reserved, 0, kValue, place, "reserved");
    const Arity arity = check_code(instruction, place);
    for (unsigned i = 0; i < 3; ++i) {
      const rdu_hw_operand& operand = instruction.operands[i];
      const bool given = operand.kind != RDU_HW_OPERAND_NONE;
      demand(given || i >= arity.least, kConflict, place, kOperandFields[i], "an operand", 0);
      demand(!given || i < arity.most, kConflict, place, kOperandFields[i], "none", operand.kind);
      check(operand, place, kOperandFields[i]);
    }
    check_level(instruction, place);
    check_results(instruction, place);
  }

  Arity check_code(const rdu_hw_instruction& instruction, const Place& place) const {
    const std::uint32_t code = instruction.code;
    switch (instruction.kind) {
      case RDU_HW_DO_COMPUTE: {
        demand_number(code, arith::kNumOps, place, "code");
        const unsigned operands = arith::num_operands(code);
        return {operands, operands};
      }
      case RDU_HW_DO_ACCUMULATE_PRODUCT:
        demand(code == RDU_HW_FOLD_ADD_F32 || code == RDU_HW_FOLD_ADD_I32, kValue, place, "code",
               "add_f32 (0) or add_i32 (4)", code);
        return {2, 3};
      case RDU_HW_DO_ACCUMULATE_PICK:
      case RDU_HW_DO_REDUCE_PICK:
        demand_number(code, arith::kNumPicks, place, "code");
        return {2, 2};
      default:
        demand_number(code, arith::kNumFolds, place, "code");
        return {1, 2};
    }
  }

  void check_level(const rdu_hw_instruction& instruction, const Place& place) const {
    if (instruction.kind == RDU_HW_DO_COMPUTE) {
      demand_equal(instruction.level, RDU_HW_NONE, kValue, place, "level");
    } else {
      demand_within<std::uint32_t>(instruction.level, 0, context_.innermost(), kValue, place,
                                   "level");
    }
  }

  void check_results(const rdu_hw_instruction& instruction, const Place& place) {
    demand_number(instruction.result, kMaxRegisters, place, "result");
    written_.set(instruction.result);
    const bool picks =
        instruction.kind == RDU_HW_DO_ACCUMULATE_PICK || instruction.kind == RDU_HW_DO_REDUCE_PICK;
    if (!picks) return demand_equal(instruction.position, RDU_HW_NONE, kValue, place, "position");
    demand_number(instruction.position, kMaxRegisters, place, "position");
    demand(instruction.position != instruction.result, kConflict, place, "position",
           "another register than the result", instruction.position);
    written_.set(instruction.position);
  }

  void check(const rdu_hw_operand& operand, const Place& place, const char* field) const {
    const std::int16_t most = operand.kind == RDU_HW_OPERAND_REGISTER ? kMaxShift : 0;
    demand_within<int>(operand.shift, -most, most, kValue, place, "shift");
    switch (operand.kind) {
      case RDU_HW_OPERAND_REGISTER:
        demand_number(operand.value, kMaxRegisters, place, field);
        demand(written_.test(operand.value), kConflict, place, field,
               "a register that was written before", operand.value);
        return;
      case RDU_HW_OPERAND_INPUT:
        data_port(context_, operand.value, RDU_HW_INPUT, place, field);
        return;
      case RDU_HW_OPERAND_COUNTER:
        return demand_number(operand.value, context_.innermost(), place, field);
      case RDU_HW_OPERAND_CONSTANT:
        return;
      case RDU_HW_OPERAND_ARGUMENT:
        return demand_scalar(context_.image, operand.value, RDU_HW_ACCESS_READ, place, field);
      case RDU_HW_OPERAND_FIRST:
      case RDU_HW_OPERAND_LAST:
        return demand_within<std::uint32_t>(operand.value, 0, context_.innermost(), kValue, place,
                                            field);
      case RDU_HW_OPERAND_NONE:
      case RDU_HW_OPERAND_LANE:
      case RDU_HW_OPERAND_VALID:
        return demand_equal(operand.value, 0, kValue, place, field);
      default:
        demand_within<std::uint32_t>(operand.kind, 0, RDU_HW_OPERAND_LAST, kValue, place, field);
    }
  }

  const ContextView& context_;
  std::bitset<kMaxRegisters> written_;
};

}  // namespace

void check_instructions(const ContextView& context) {
  demand_equal(context.record.steps.count, 0, kConflict, context.place, "steps");
  Checker(context).run();
}

}  // namespace rdu_hw::image
