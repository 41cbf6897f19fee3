// What is known of the values of a SIMD context: whether all lanes have the same, and how often it is needed.
#pragma once

#include <vector>

#include "tools/rducc/target/rdu/parts.hpp"

namespace rducc::rdu {

// The **rate** of an operation is a level: computed once at the end of each iteration there, with what its operands are then, everything that
// is sent is still right. It is the number of counters for what must be computed in each firing: what is accumulated, and what leads there.
// Operands have the rate of their users, or a higher one.
class ValueFacts {
 public:
  explicit ValueFacts(const Context& context);

  bool is_uniform(const Value& value) const;
  std::uint32_t rate(std::uint32_t operation) const { return rates_[operation]; }
  // Of an output, by its own level and value.
  std::uint32_t rate(const Output& output) const;

 private:
  bool find_uniform(const Operation& operation) const;
  // Whether the value is there once per iteration at `level`, without counting all firings.
  bool is_known_at(const Value& value, std::uint32_t level) const;
  std::uint32_t lift(std::uint32_t level, const std::array<Value, 3>& operands) const;
  void find_rates();

  const Context& context_;
  bool one_lane_;
  std::vector<bool> uniform_;  // by operation, result and position alike
  std::vector<std::uint32_t> rates_;
};

}  // namespace rducc::rdu
