// Writes the steps of an access.
#include "tools/rducc/target/rdu/lower/addressing.hpp"

#include <algorithm>
#include <stdexcept>

namespace rducc::rdu::lower {

Affine Addressing::variable(VariableId id) {
  const auto at = std::find(order_.begin(), order_.end(), id);
  if (at != order_.end()) return rdu::at(static_cast<std::uint32_t>(at - order_.begin()), 1);
  const Variable& variable = nest_.variables[id];
  if (variable.divisor == 0) {
    if (variable.extent == 1) return constant_address(0);
    throw std::logic_error("an access moves with a loop that its context does not have");
  }
  const auto known = derived_.find(id);
  if (known != derived_.end()) return known->second;
  const Affine quotient = memory_.step(sum(variable.dividend), {.divisor = variable.divisor});
  derived_.emplace(id, quotient);
  return quotient;
}

Affine Addressing::sum(const Form& form) {
  Affine total = constant_address(form.offset);
  for (VariableId id = 0; id < form.end(); ++id) {
    if (form.coef(id) != 0) total = total + variable(id) * form.coef(id);
  }
  return total;
}

void Addressing::guard(const Guard& guard) {
  memory_.step(sum(guard.form), {.low = 0, .high = guard.high});
}

Affine Addressing::position(const Position& position) {
  Affine form = sum(position.form);
  if (position.index != RDU_NONE) form = form + words_.at(position.index);
  if (position.exact) {
    memory_.step(form, {.modulus = position.divisor, .low = 0, .high = 1});
  }
  const Range range = nest_.range(position);
  const bool leaves = range.low < 0 || range.high >= position.extent;
  if (position.divisor == 1 && position.modulus == 0 && !leaves) return form;
  Wrap wrap{.divisor = position.divisor, .modulus = position.modulus};
  if (leaves) {
    wrap.low = 0;
    wrap.high = position.extent;
  }
  return memory_.step(form, wrap);
}

void Addressing::finish(const Touch& touch, std::int64_t offset, const Wrap& wrap) {
  Affine address = constant_address(offset);
  for (const Position& dim : touch.dims) address = address + position(dim) * (dim.pitch * 4);
  memory_.address(address, wrap);
}

}  // namespace rducc::rdu::lower
