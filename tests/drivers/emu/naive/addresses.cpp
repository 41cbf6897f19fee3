// Step after step, lane by lane.
#include "tests/drivers/emu/naive/addresses.hpp"

namespace naive {
namespace {

std::int64_t floor_divided(std::int64_t a, std::int64_t b) {
  const std::int64_t quotient = a / b;
  return quotient * b > a ? quotient - 1 : quotient;
}

std::optional<std::int64_t> address(const Context& context, const Walk& walk, std::uint32_t lane) {
  std::vector<std::int64_t> values;
  for (const rdu_hw_step& step : context.steps()) {
    std::int64_t sum = step.offset;
    for (const rdu_hw_term& term : context.terms(step)) {
      const std::int64_t x =
          term.source == RDU_HW_TERM_COUNTER ? walk.value(term.index, lane)
          : term.source == RDU_HW_TERM_STEP
              ? values[term.index]
              : std::int64_t{static_cast<std::int32_t>(context.input(term.index, lane))};
      sum += term.coefficient * x;
    }
    std::int64_t value = floor_divided(sum, step.divisor);
    if (step.modulus != 0) value -= floor_divided(value, step.modulus) * step.modulus;
    if (value < step.low || value >= step.high) return std::nullopt;
    values.push_back(value);
  }
  return values.back();
}

}  // namespace

Addresses addresses(const Context& context, const Walk& walk) {
  Addresses found(context.arch.pcu.lanes);
  for (std::uint32_t lane = 0; lane < found.size(); ++lane) {
    if (walk.valid(lane)) found[lane] = address(context, walk, lane);
  }
  return found;
}

}  // namespace naive
