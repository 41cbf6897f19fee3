// Sums over the variables of a nest, and what is known of their values.
#pragma once

#include <cstdint>
#include <vector>

namespace rducc::rdu::lower {

using VariableId = std::uint32_t;

struct Range {
  std::int64_t low = 0;  // both are included
  std::int64_t high = 0;
};

// offset + Σ coefficient · variable.
class Form {
 public:
  std::int64_t offset = 0;

  std::int64_t coef(VariableId id) const { return id < coefs_.size() ? coefs_[id] : 0; }
  void set(VariableId id, std::int64_t coef);
  void add(VariableId id, std::int64_t coef) { set(id, this->coef(id) + coef); }
  void add(const Form& other, std::int64_t factor = 1);
  // The variable's place is taken by a sum of others.
  void substitute(VariableId id, const Form& by);
  // Ids beyond every variable that is used.
  VariableId end() const { return static_cast<VariableId>(coefs_.size()); }
  bool is_constant() const;

 private:
  std::vector<std::int64_t> coefs_;
};

// Rounded down, for a positive divisor.
constexpr std::int64_t floor_div(std::int64_t value, std::int64_t divisor) {
  return value / divisor - (value % divisor < 0 ? 1 : 0);
}
constexpr std::int64_t ceil_div(std::int64_t value, std::int64_t divisor) {
  return floor_div(value + divisor - 1, divisor);
}
constexpr std::int64_t round_up(std::int64_t value, std::int64_t to) {
  return ceil_div(value, to) * to;
}

}  // namespace rducc::rdu::lower
