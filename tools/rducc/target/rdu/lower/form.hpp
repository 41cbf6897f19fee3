// Sums over the variables of a nest, and what is known of their values.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace rducc::rdu::lower {

using VariableId = std::uint32_t;

struct Range {
  std::int64_t low = 0;  // both are included
  std::int64_t high = 0;
};

// offset + Σ coefficient · variable. A few terms need no memory of their own: planners copy forms by the million.
class Form {
 public:
  std::int64_t offset = 0;

  std::int64_t coef(VariableId id) const {
    for (const Term& term : terms()) {
      if (term.id == id) return term.coef;
    }
    return 0;
  }
  void set(VariableId id, std::int64_t coef);
  void add(VariableId id, std::int64_t coef) { set(id, this->coef(id) + coef); }
  void add(const Form& other, std::int64_t factor = 1);
  // The variable's place is taken by a sum of others.
  void substitute(VariableId id, const Form& by);
  // Ids beyond every variable that is used.
  VariableId end() const { return count_ == 0 ? 0 : terms().back().id + 1; }
  bool is_constant() const { return count_ == 0; }

 private:
  struct Term {
    VariableId id;
    std::int64_t coef;  // never 0
  };
  static constexpr std::uint32_t kFew = 4;
  // In ascending order of ids.
  std::span<const Term> terms() const {
    return {count_ <= kFew ? few_.data() : many_.data(), count_};
  }
  void insert(std::size_t at, const Term& term);
  void erase(std::size_t at);

  std::uint32_t count_ = 0;
  std::array<Term, kFew> few_;  // all of them, or `many_` has
  std::vector<Term> many_;
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
