// A SIMD program: instructions in their order, each over all lanes.
#include <algorithm>

#include "tests/drivers/emu/naive/pcu.hpp"

namespace naive {
namespace {

constexpr std::uint32_t kRegisters = 256;

}  // namespace

Time simd_stages(const Context& context) {
  const std::uint32_t body = context.arch.pcu.stages;
  return std::ranges::any_of(context.instructions(),
                             [&](const auto& instruction) { return instruction.stage == body; })
             ? body + 1
             : body;
}

Simd::Simd(const Context& context, Time start)
    : Side(context, Owns::kAll, start),
      lanes_(context.arch.pcu.lanes),
      registers_(kRegisters, Words(lanes_, 0)),
      accumulators_(context.instructions().size(), {Words(lanes_, 0), Words(lanes_, 0)}) {}

Word Simd::operand(const rdu_hw_operand& operand, std::uint32_t lane) const {
  const Walk& walk = position();
  switch (operand.kind) {
    case RDU_HW_OPERAND_REGISTER: {
      const std::int64_t from = std::int64_t{lane} + operand.shift;
      return from >= 0 && from < lanes_ ? registers_[operand.value][from] : 0;
    }
    case RDU_HW_OPERAND_INPUT:
      return context().input(operand.value, lane);
    case RDU_HW_OPERAND_COUNTER:
      return static_cast<Word>(walk.value(operand.value, lane));
    case RDU_HW_OPERAND_LANE:
      return lane;
    case RDU_HW_OPERAND_CONSTANT:
      return operand.value;
    case RDU_HW_OPERAND_ARGUMENT:
      return static_cast<Word>(context().arguments[operand.value]);
    case RDU_HW_OPERAND_VALID:
      return walk.valid(lane) ? 1 : 0;
    case RDU_HW_OPERAND_FIRST:
      return walk.begins(operand.value) ? 1 : 0;
    case RDU_HW_OPERAND_LAST:
      return walk.ends(operand.value) ? 1 : 0;
    default:
      return 0;
  }
}

Time Simd::act(Time) {
  for (std::size_t i = 0; i < accumulators_.size(); ++i) {
    execute(context().instructions()[i], accumulators_[i]);
  }
  return 1;
}

void Simd::execute(const rdu_hw_instruction& instruction, Accumulator& accumulator) {
  switch (instruction.kind) {
    case RDU_HW_DO_COMPUTE: {
      Words result;
      for (std::uint32_t lane = 0; lane < lanes_; ++lane) {
        result.push_back(operate(instruction.code, operand(instruction.operands[0], lane),
                                 operand(instruction.operands[1], lane),
                                 operand(instruction.operands[2], lane)));
      }
      registers_[instruction.result] = result;
      return;
    }
    case RDU_HW_DO_ACCUMULATE:
      return accumulate(instruction, accumulator);
    case RDU_HW_DO_ACCUMULATE_PRODUCT:
      return accumulate_product(instruction, accumulator);
    case RDU_HW_DO_REDUCE:
      return reduce(instruction, accumulator);
    default:
      return pick(instruction, accumulator);
  }
}

void Simd::accumulate(const rdu_hw_instruction& instruction, Accumulator& accumulator) {
  const bool first = position().begins(instruction.level);
  const bool initial = instruction.operands[1].kind != RDU_HW_OPERAND_NONE;
  for (std::uint32_t lane = 0; lane < lanes_; ++lane) {
    const Word x = position().valid(lane) ? operand(instruction.operands[0], lane)
                                          : identity(instruction.code);
    Word& r = accumulator.values[lane];
    r = first && !initial
            ? x
            : meet(instruction.code, first ? operand(instruction.operands[1], lane) : r, x);
  }
  registers_[instruction.result] = accumulator.values;
}

void Simd::accumulate_product(const rdu_hw_instruction& instruction, Accumulator& accumulator) {
  const std::uint32_t step =
      instruction.code == RDU_HW_FOLD_ADD_F32 ? RDU_HW_OP_FMA_F32 : RDU_HW_OP_MAD_I32;
  for (std::uint32_t lane = 0; lane < lanes_; ++lane) {
    Word& r = accumulator.values[lane];
    if (position().begins(instruction.level)) r = operand(instruction.operands[2], lane);
    if (!position().valid(lane)) continue;
    r = operate(step, operand(instruction.operands[0], lane),
                operand(instruction.operands[1], lane), r);
  }
  registers_[instruction.result] = accumulator.values;
}

void Simd::reduce(const rdu_hw_instruction& instruction, Accumulator& accumulator) {
  Words lanes;
  for (std::uint32_t lane = 0; lane < position().lanes(); ++lane) {
    lanes.push_back(position().valid(lane) ? operand(instruction.operands[0], lane)
                                           : identity(instruction.code));
  }
  const Word x = fold_tree(instruction.code, lanes);
  const bool first = position().begins(instruction.level);
  const bool initial = instruction.operands[1].kind != RDU_HW_OPERAND_NONE;
  const Word before = first ? operand(instruction.operands[1], 0) : accumulator.values[0];
  const Word r = first && !initial ? x : meet(instruction.code, before, x);
  accumulator.values.assign(lanes_, r);
  registers_[instruction.result] = accumulator.values;
}

void Simd::pick(const rdu_hw_instruction& instruction, Accumulator& accumulator) {
  if (position().begins(instruction.level)) {
    accumulator = {Words(lanes_, Place().value), Words(lanes_, Place().position)};
  }
  const auto offered = [&](std::uint32_t lane) {
    return position().valid(lane) ? Place{operand(instruction.operands[0], lane),
                                          operand(instruction.operands[1], lane)}
                                  : Place{};
  };
  std::vector<Place> lanes;
  for (std::uint32_t lane = 0; lane < position().lanes(); ++lane) lanes.push_back(offered(lane));
  const bool reduces = instruction.kind == RDU_HW_DO_REDUCE_PICK;
  const Place best = reduces ? pick_tree(instruction.code, lanes) : Place{};
  for (std::uint32_t lane = 0; lane < lanes_; ++lane) {
    const Place place =
        meet(instruction.code, {accumulator.values[lane], accumulator.positions[lane]},
             reduces ? best : offered(lane));
    accumulator.values[lane] = place.value;
    accumulator.positions[lane] = place.position;
  }
  registers_[instruction.result] = accumulator.values;
  registers_[instruction.position] = accumulator.positions;
}

Words Simd::sent(std::uint32_t port) {
  const rdu_hw_port& record = context().ports()[port];
  if (record.kind == RDU_HW_CONTROL) return {};
  if (record.kind == RDU_HW_SCALAR) return {operand(record.value, 0)};
  Words words(lanes_, 0);
  for (std::uint32_t lane = 0; lane < lanes_; ++lane) {
    if (position().valid(lane)) words[lane] = operand(record.value, lane);
  }
  return words;
}

}  // namespace naive
