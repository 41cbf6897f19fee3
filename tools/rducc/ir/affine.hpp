// Integers of the graph as sums: a constant plus multiples of scalars that only a run knows.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "sdk/artifact/model.hpp"

namespace rducc::ir {

// One element of an integer value.
struct Symbol {
  rdu::artifact::ValueId value = rdu::artifact::kNone;
  std::int64_t element = 0;
  auto operator<=>(const Symbol&) const = default;
};

struct Affine {
  std::int64_t constant = 0;
  std::vector<std::pair<Symbol, std::int64_t>> terms;  // ascending, no coefficient is 0

  static Affine of(std::int64_t constant) { return {constant, {}}; }
  static Affine of(Symbol symbol) { return {0, {{symbol, 1}}}; }
  bool is_constant() const { return terms.empty(); }
  // The symbol where the sum is it and nothing else.
  std::optional<Symbol> as_symbol() const;
  auto operator<=>(const Affine&) const = default;
};

// Nothing where a number would leave ±2^61.
std::optional<Affine> sum(const Affine& a, const Affine& b);
std::optional<Affine> difference(const Affine& a, const Affine& b);
std::optional<Affine> scaled(const Affine& a, std::int64_t factor);

// What an integer may be: both ends are included.
struct Interval {
  static constexpr std::int64_t kLowest = std::numeric_limits<std::int64_t>::min();
  static constexpr std::int64_t kHighest = std::numeric_limits<std::int64_t>::max();
  std::int64_t low = kLowest, high = kHighest;
};

}  // namespace rducc::ir
