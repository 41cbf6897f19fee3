// Uniformity goes from operands to results, rates from outputs back to operands.
#include "tools/rducc/target/rdu/values.hpp"

#include <algorithm>

#include "tools/rducc/target/rdu/pcu_program.hpp"
#include "tools/rducc/target/rdu/rates.hpp"

namespace rducc::rdu {

// With one lane, lane 0 is all that anyone sees.
ValueFacts::ValueFacts(const Context& context) : context_(context), one_lane_(width(context) == 1) {
  for (const Operation& operation : context.operations) {
    uniform_.push_back(find_uniform(operation));
  }
  find_rates();
}

bool ValueFacts::find_uniform(const Operation& operation) const {
  if (one_lane_) return true;
  if (operation.kind == RDU_HW_DO_REDUCE || operation.kind == RDU_HW_DO_REDUCE_PICK) return true;
  // Lanes that are not valid in a firing accumulate nothing.
  if (accumulates(operation)) return false;
  return std::ranges::all_of(operation.operands, [&](const Value& operand) {
    return !operand.given() || is_uniform(operand);
  });
}

bool ValueFacts::is_uniform(const Value& value) const {
  if (one_lane_) return true;
  switch (value.kind) {
    case Value::Kind::kOperation:
    case Value::Kind::kPosition:
      return value.shift == 0 && uniform_[value.index];
    case Value::Kind::kInput:
      return context_.inputs[value.index].kind == RDU_HW_SCALAR;
    case Value::Kind::kCounter:
      return value.index + 1 != context_.innermost();
    case Value::Kind::kLane:
    case Value::Kind::kValid:
      return false;
    default:
      return true;
  }
}

bool ValueFacts::is_known_at(const Value& value, std::uint32_t level) const {
  switch (value.kind) {
    case Value::Kind::kInput:
      return context_.inputs[value.index].level <= level;
    case Value::Kind::kCounter:
      return value.index < level;
    case Value::Kind::kFirst:
      return false;
    case Value::Kind::kLast:
      return value.index <= level;
    default:
      return true;
  }
}

std::uint32_t ValueFacts::lift(std::uint32_t level, const std::array<Value, 3>& operands) const {
  const bool known = std::ranges::all_of(
      operands, [&](const Value& operand) { return is_known_at(operand, level); });
  return known ? level : context_.innermost();
}

void ValueFacts::find_rates() {
  const std::uint32_t every = context_.innermost();
  rates_.assign(context_.operations.size(), 0);
  const auto use = [&](const Value& value, std::uint32_t level) {
    if (is_computed(value)) rates_[value.index] = std::max(rates_[value.index], level);
  };
  // The lanes that are valid at the end of an iteration must be known beforehand.
  const bool countable = is_constant(context_, every);
  for (const Output& output : context_.outputs) {
    use(output.value, countable ? rate(output) : every);
  }
  for (std::size_t i = context_.operations.size(); i-- > 0;) {
    const Operation& operation = context_.operations[i];
    const bool always = accumulates(operation) || !countable;
    rates_[i] = always ? every : lift(rates_[i], operation.operands);
    for (const Value& operand : operation.operands) use(operand, rates_[i]);
  }
}

std::uint32_t ValueFacts::rate(const Output& output) const {
  return lift(output.level, {output.value});
}

}  // namespace rducc::rdu
