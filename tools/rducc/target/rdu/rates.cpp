// Products of the iterations of counters.
#include "tools/rducc/target/rdu/rates.hpp"

#include <algorithm>

namespace rducc::rdu {
namespace {

std::uint64_t product(std::uint64_t a, std::uint64_t b) {
  std::uint64_t whole = 0;
  if (__builtin_mul_overflow(a, b, &whole)) return kManyFirings;
  return std::min(whole, kManyFirings);
}

std::uint64_t count(const Context& context, std::size_t first, std::size_t last) {
  std::uint64_t whole = 1;
  for (std::size_t i = first; i < last; ++i) {
    whole = product(whole, iterations(context.counters[i]));
  }
  return whole;
}

}  // namespace

std::uint64_t iterations(const rdu_hw_counter& counter) {
  const std::uint32_t lanes = std::max(counter.lanes, 1u);
  return counter.extent / lanes + (counter.extent % lanes != 0 ? 1 : 0);
}

std::uint64_t elements(const Context& context, std::uint32_t level) {
  return count(context, 0, level);
}

std::uint64_t period(const Context& context, std::uint32_t level) {
  return count(context, level, context.counters.size());
}

std::uint64_t elements_sent(const Context& context, const Output& output) {
  const bool block = context.program == RDU_HW_PROGRAM_SYSTOLIC && output.kind == RDU_HW_VECTOR;
  return product(elements(context, output.level), block ? context.systolic.rows : 1);
}

bool is_constant(const Context& context, std::uint32_t level) {
  return std::all_of(
      context.counters.begin(), context.counters.begin() + level,
      [](const rdu_hw_counter& it) { return it.extent_from == RDU_HW_EXTENT_CONSTANT; });
}

std::uint32_t last_valid_lanes(const Context& context) {
  if (context.counters.empty()) return 1;
  const rdu_hw_counter& innermost = context.counters.back();
  return (innermost.extent - 1) % innermost.lanes + 1;
}

std::uint32_t width(const Context& context) {
  return context.counters.empty() ? 1 : context.counters.back().lanes;
}

bool is_full(const Context& context, std::uint32_t chip_lanes) {
  return width(context) == chip_lanes && is_constant(context, context.innermost()) &&
         last_valid_lanes(context) == chip_lanes;
}

}  // namespace rducc::rdu
