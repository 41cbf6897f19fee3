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

void Addressing::finish(const Touch& touch, std::int64_t element_bytes, std::int64_t offset,
                        const Wrap& wrap) {
  Affine address = constant_address(offset);
  for (const Position& dim : touch.dims) {
    address = address + position(dim) * (dim.pitch * element_bytes);
  }
  memory_.address(address, wrap);
}

void Addressing::finish_band(const BandPlace& place, const Band& band, std::int64_t element_bytes) {
  Affine period = constant_address(0), within = constant_address(0);
  if (place.divides) {
    const Affine flat = sum(place.flat);
    period = memory_.step(flat, {.divisor = band.period});
    within = flat + period * -band.period;
  } else {
    period = sum(place.periods);
    within = sum(place.places);
  }
  within = memory_.step(within, {.low = band.places.first, .high = band.places.end});
  const Affine element = period * band.places.size() + within + -band.origin();
  memory_.address(element * element_bytes,
                  {.low = 0, .high = (band.size() - 1) * element_bytes + 1});
}

void Addressing::finish_pairs(const Touch& touch, const Pairing& pairing, std::int64_t first) {
  Form place;
  place.offset = -first;
  for (const Position& dim : touch.dims) {
    if (!dim.is_plain()) throw std::logic_error("pairs are written where no sum says");
    position(dim);  // for its bounds
    place.add(dim.form, dim.pitch);
  }
  memory_.address(halves(place, pairing.stride) * 2, {.low = 0, .high = pairing.bytes - 1});
}

// The number of a half. What is a multiple of two strides, or less than one, counts for itself; the rest is divided.
Affine Addressing::halves(const Form& place, std::int64_t stride) {
  if (stride == 1) return sum(place);
  Form far, strides, near;
  near.offset = place.offset - floor_div(place.offset, stride) * stride;
  strides.offset = floor_div(place.offset, stride);
  for (VariableId id = 0; id < place.end(); ++id) {
    const std::int64_t coef = place.coef(id);
    if (coef % (2 * stride) == 0) {
      far.add(id, coef);
    } else if (coef % stride == 0) {
      strides.add(id, coef / stride);
    } else {
      near.add(id, coef);
    }
  }
  const Range reach = nest_.range(near);
  if (reach.low < 0 || reach.high >= stride) {
    const Affine all = sum(place);
    const Affine whole = memory_.step(all, {.divisor = stride});
    const Affine pair = memory_.step(whole, {.divisor = 2});
    return all * 2 + whole * (1 - 2 * stride) + pair * (2 * stride - 2);
  }
  far.offset = floor_div(strides.offset, 2) * 2 * stride;
  strides.offset -= floor_div(strides.offset, 2) * 2;
  const Affine easy = sum(near) * 2 + sum(far) + sum(strides);
  const Range halves = nest_.range(strides);
  if (halves.low >= 0 && halves.high <= 1) return easy;
  return easy + memory_.step(sum(strides), {.divisor = 2}) * (2 * stride - 2);
}

}  // namespace rducc::rdu::lower
