// Random instructions for a PCU.
#include "tests/drivers/image/random_body.hpp"

#include <algorithm>
#include <bit>

#include "drivers/emu/arith/ops.hpp"
#include "drivers/image/functions.hpp"

namespace image_test {
namespace {

using namespace rdu_hw::image;
namespace arith = rdu_hw::arith;

constexpr std::uint32_t kRegisters = 6;

class Body {
 public:
  Body(Context& context, const rdu_hw_arch& arch, Random& random,
       const std::vector<std::uint32_t>& scalars)
      : context_(context), arch_(arch), random_(random), scalars_(scalars) {
    for (std::uint32_t i = 0; i < context.ports.size(); ++i) {
      if (context.ports[i].kind != RDU_HW_CONTROL) inputs_.push_back(i);
    }
  }

  std::uint32_t run() {
    const std::uint32_t count = random_.in(1, arch_.pcu.stages);
    for (std::uint32_t i = 0; i < count && stage_ < arch_.pcu.stages; ++i) add();
    if (arch_.pcu.tail_functions != 0 && random_.chance(25)) {
      stage_ = arch_.pcu.stages;
      add_compute(arch_.pcu.tail_functions);
    }
    return result_;
  }

 private:
  void add() {
    const std::uint32_t choice = random_.in(0, 9);
    const std::uint32_t tree =
        std::max(std::uint32_t(std::countr_zero(arch_.pcu.lanes)) + arch_.pcu.reduce_cycles, 1u);
    if (choice == 0 && stage_ + tree <= arch_.pcu.stages) {
      if (random_.chance(60)) {
        add_fold(RDU_HW_DO_REDUCE, tree);
      } else {
        add_pick(RDU_HW_DO_REDUCE_PICK, tree);
      }
    } else if (choice == 1) {
      add_fold(RDU_HW_DO_ACCUMULATE, 1);
    } else if (choice == 2) {
      const auto level = random_.in(0, levels());
      put(accumulate(RDU_HW_DO_ACCUMULATE_PRODUCT,
                     random_.chance(50) ? RDU_HW_FOLD_ADD_F32 : RDU_HW_FOLD_ADD_I32, stage_,
                     next_register(), level, random_operand(), random_operand()),
          1);
    } else if (choice == 3) {
      add_pick(RDU_HW_DO_ACCUMULATE_PICK, 1);
    } else {
      add_compute(arch_.pcu.stage_functions);
    }
  }

  // The tail has nothing but functions.
  void add_compute(std::uint32_t functions) {
    const bool tail = stage_ == arch_.pcu.stages;
    std::uint32_t op = 0;
    do {
      op = random_.in(0, arith::kNumOps - 1);
    } while ((functions_of(op) & ~functions) != 0 || (tail && functions_of(op) == 0) ||
             (dtype_of_op(op) & ~arch_.pcu.dtypes) != 0);
    rdu_hw_operand operands[3] = {};
    for (unsigned i = 0; i < arith::num_operands(op); ++i) operands[i] = random_operand();
    put(compute(static_cast<std::uint16_t>(op), stage_, next_register(), operands[0], operands[1],
                operands[2]),
        1);
  }

  void add_fold(std::uint16_t kind, std::uint32_t stages) {
    const auto fold = static_cast<std::uint16_t>(random_.in(0, arith::kNumFolds - 1));
    const rdu_hw_operand a = random_operand();
    const rdu_hw_operand initial = random_.chance(50) ? random_operand() : rdu_hw_operand{};
    put(accumulate(kind, fold, stage_, next_register(), random_.in(0, levels()), a, initial),
        stages);
  }

  void add_pick(std::uint16_t kind, std::uint32_t stages) {
    const auto pick = static_cast<std::uint16_t>(random_.in(0, arith::kNumPicks - 1));
    auto instruction = accumulate(kind, pick, stage_, 0, random_.in(0, levels()), random_operand(),
                                  random_operand());
    instruction.result = next_register();
    instruction.position = next_register();
    written_ = std::max(written_, instruction.position + 1);
    put(instruction, stages);
  }

  void put(const rdu_hw_instruction& instruction, std::uint32_t stages) {
    context_.instructions.push_back(instruction);
    result_ = instruction.result;
    written_ = std::max(written_, result_ + 1);
    stage_ += stages + (random_.chance(20) ? 1 : 0);
  }

  std::uint32_t next_register() { return next_++ % kRegisters; }
  std::uint32_t levels() const { return static_cast<std::uint32_t>(context_.counters.size()); }

  rdu_hw_operand random_operand() {
    const std::uint32_t choice = random_.in(0, 9);
    if (choice < 4 && written_ != 0) {
      const bool shifted = random_.chance(15);
      const std::uint32_t from = random_.chance(50) ? result_ : random_.in(0, written_ - 1);
      return operand(RDU_HW_OPERAND_REGISTER, from,
                     static_cast<std::int16_t>(shifted ? int(random_.in(0, 6)) - 3 : 0));
    }
    if (choice < 7 && !inputs_.empty()) {
      const auto last = static_cast<std::uint32_t>(inputs_.size()) - 1;
      return operand(RDU_HW_OPERAND_INPUT, inputs_[random_.in(0, last)]);
    }
    if (choice == 7 && levels() != 0) {
      return operand(RDU_HW_OPERAND_COUNTER, random_.in(0, levels() - 1));
    }
    if (choice == 8) return position_operand();
    if (!scalars_.empty() && random_.chance(30)) {
      const auto last = static_cast<std::uint32_t>(scalars_.size()) - 1;
      return operand(RDU_HW_OPERAND_ARGUMENT, scalars_[random_.in(0, last)]);
    }
    return operand(RDU_HW_OPERAND_CONSTANT, constant());
  }

  rdu_hw_operand position_operand() {
    switch (random_.in(0, 3)) {
      case 0:
        return operand(RDU_HW_OPERAND_LANE);
      case 1:
        return operand(RDU_HW_OPERAND_VALID);
      case 2:
        return operand(RDU_HW_OPERAND_FIRST, random_.in(0, levels()));
      default:
        return operand(RDU_HW_OPERAND_LAST, random_.in(0, levels()));
    }
  }

  // Small integers, ordinary floats, and any bits.
  std::uint32_t constant() {
    if (random_.chance(40)) return random_.in(0, 20);
    if (random_.chance(60)) {
      return std::bit_cast<std::uint32_t>(static_cast<float>(random_.in(0, 2000)) / 64 - 15);
    }
    return static_cast<std::uint32_t>(random_.bits());
  }

  Context& context_;
  const rdu_hw_arch& arch_;
  Random& random_;
  const std::vector<std::uint32_t>& scalars_;
  std::vector<std::uint32_t> inputs_;  // with words
  std::uint32_t stage_ = 0;
  std::uint32_t next_ = 0;
  std::uint32_t written_ = 0;  // registers below this one were
  std::uint32_t result_ = 0;
};

}  // namespace

std::uint32_t add_random_body(Context& context, const rdu_hw_arch& arch, Random& random,
                              const std::vector<std::uint32_t>& scalars) {
  return Body(context, arch, random, scalars).run();
}

}  // namespace image_test
