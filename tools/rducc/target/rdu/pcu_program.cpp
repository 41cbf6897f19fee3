// Stages in a row, and registers by a linear scan over the last uses of results.
#include "tools/rducc/target/rdu/pcu_program.hpp"

#include <algorithm>
#include <bit>

#include "drivers/image/functions.hpp"

namespace rducc::rdu {
namespace {

namespace image = rdu_hw::image;

constexpr std::uint32_t kForever = RDU_HW_NONE;

std::uint32_t dtypes_of(const Operation& operation) {
  if (operation.kind == RDU_HW_DO_COMPUTE) return image::dtype_of_op(operation.code);
  return picks(operation) ? image::dtype_of_pick(operation.code)
                          : image::dtype_of_fold(operation.code);
}

// Registers that hold nothing that is still used.
class Registers {
 public:
  std::uint32_t take() {
    const auto free = std::ranges::find(used_, false);
    const auto number = static_cast<std::uint32_t>(free - used_.begin());
    if (free == used_.end()) used_.push_back(false);
    used_[number] = true;
    return number;
  }
  void release(std::uint32_t number) { used_[number] = false; }
  std::uint32_t count() const { return static_cast<std::uint32_t>(used_.size()); }

 private:
  std::vector<bool> used_;
};

class Layout {
 public:
  Layout(const Context& context, const rdu_hw_arch& arch) : context_(context), arch_(arch) {}

  PcuProgram run() {
    program_.results.assign(context_.operations.size(), RDU_HW_NONE);
    program_.positions = program_.results;
    order();
    find_last_uses();
    for (std::uint32_t at = 0; at < program_.order.size(); ++at) place(at);
    program_.registers = registers_.count();
    return std::move(program_);
  }

 private:
  void order() {
    std::vector<std::uint32_t> tail;
    for (std::uint32_t i = 0; i < context_.operations.size(); ++i) {
      const bool in_tail = seat_of(context_.operations[i], arch_) == Seat::kTail;
      (in_tail ? tail : program_.order).push_back(i);
      if (!in_tail) program_.stages += stages_of(context_.operations[i], arch_);
    }
    program_.tail = !tail.empty();
    program_.order.insert(program_.order.end(), tail.begin(), tail.end());
  }

  void find_last_uses() {
    last_use_.assign(2 * context_.operations.size(), 0);
    for (std::uint32_t at = 0; at < program_.order.size(); ++at) {
      const std::uint32_t number = program_.order[at];
      note(number, false, at);
      note(number, true, at);
      for (const Value& operand : context_.operations[number].operands) {
        if (is_computed(operand)) {
          note(operand.index, operand.kind == Value::Kind::kPosition, at);
        }
      }
      if (!accumulates(context_.operations[number])) continue;
      note(number, false, kForever);
      note(number, true, kForever);
    }
    for (const Output& output : context_.outputs) {
      if (!is_computed(output.value)) continue;
      note(output.value.index, output.value.kind == Value::Kind::kPosition, kForever);
    }
  }
  void note(std::uint32_t operation, bool position, std::uint32_t at) {
    std::uint32_t& last = last_use_[2 * operation + (position ? 1 : 0)];
    last = std::max(last, at);
  }

  // Operands are read before the result is written, so their registers may be its. An accumulator's is one from the start on.
  void place(std::uint32_t at) {
    const std::uint32_t number = program_.order[at];
    const Operation& operation = context_.operations[number];
    if (at == 0) take_accumulators();
    release_last_used(at);
    if (accumulates(operation)) return;
    program_.results[number] = registers_.take();
    live_.push_back({last_use_[2 * number], program_.results[number]});
  }

  void take_accumulators() {
    for (std::uint32_t number = 0; number < context_.operations.size(); ++number) {
      const Operation& operation = context_.operations[number];
      if (!accumulates(operation)) continue;
      program_.results[number] = registers_.take();
      if (picks(operation)) program_.positions[number] = registers_.take();
    }
  }

  void release_last_used(std::uint32_t at) {
    std::erase_if(live_, [&](const Live& live) {
      if (live.until > at) return false;
      registers_.release(live.number);
      return true;
    });
  }

  struct Live {
    std::uint32_t until;
    std::uint32_t number;
  };

  const Context& context_;
  const rdu_hw_arch& arch_;
  PcuProgram program_;
  Registers registers_;
  std::vector<std::uint32_t> last_use_;  // of result and position, by operation
  std::vector<Live> live_;
};

}  // namespace

bool accumulates(const Operation& operation) { return operation.kind != RDU_HW_DO_COMPUTE; }

bool picks(const Operation& operation) {
  return operation.kind == RDU_HW_DO_ACCUMULATE_PICK || operation.kind == RDU_HW_DO_REDUCE_PICK;
}

bool is_computed(const Value& value) {
  return value.kind == Value::Kind::kOperation || value.kind == Value::Kind::kPosition;
}

Seat seat_of(const Operation& operation, const rdu_hw_arch& arch) {
  if ((dtypes_of(operation) & ~arch.pcu.dtypes) != 0) return Seat::kNowhere;
  if (operation.kind != RDU_HW_DO_COMPUTE) return Seat::kBody;
  const std::uint32_t needed = image::functions_of(operation.code);
  if ((needed & ~arch.pcu.stage_functions) == 0) return Seat::kBody;
  return (needed & ~arch.pcu.tail_functions) == 0 ? Seat::kTail : Seat::kNowhere;
}

std::uint32_t stages_of(const Operation& operation, const rdu_hw_arch& arch) {
  const bool reduces =
      operation.kind == RDU_HW_DO_REDUCE || operation.kind == RDU_HW_DO_REDUCE_PICK;
  if (!reduces) return 1;
  const auto tree = static_cast<std::uint32_t>(std::countr_zero(arch.pcu.lanes));
  return std::max(tree + arch.pcu.reduce_cycles, 1u);
}

PcuProgram lay_out(const Context& context, const rdu_hw_arch& arch) {
  return Layout(context, arch).run();
}

}  // namespace rducc::rdu
