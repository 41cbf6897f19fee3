// Sums of symbols, with every number kept far from the ends of 64 bits.
#include "tools/rducc/ir/affine.hpp"

namespace rducc::ir {
namespace {

constexpr std::int64_t kFarthest = std::int64_t{1} << 61;

// a + factor · b where it stays in range.
bool add_product(std::int64_t& a, std::int64_t factor, std::int64_t b) {
  std::int64_t product = 0;
  return !__builtin_mul_overflow(factor, b, &product) && !__builtin_add_overflow(a, product, &a) &&
         a >= -kFarthest && a <= kFarthest;
}

std::optional<Affine> combined(const Affine& a, std::int64_t factor, const Affine& b) {
  Affine result{a.constant, {}};
  if (!add_product(result.constant, factor, b.constant)) return std::nullopt;
  auto left = a.terms.begin();
  auto right = b.terms.begin();
  while (left != a.terms.end() || right != b.terms.end()) {
    const bool take_left =
        right == b.terms.end() || (left != a.terms.end() && left->first <= right->first);
    const Symbol symbol = take_left ? left->first : right->first;
    std::int64_t coefficient = take_left ? (left++)->second : 0;
    if (right != b.terms.end() && right->first == symbol) {
      if (!add_product(coefficient, factor, (right++)->second)) return std::nullopt;
    }
    if (coefficient != 0) result.terms.emplace_back(symbol, coefficient);
  }
  return result;
}

}  // namespace

std::optional<Symbol> Affine::as_symbol() const {
  const bool alone = constant == 0 && terms.size() == 1 && terms[0].second == 1;
  return alone ? std::optional(terms[0].first) : std::nullopt;
}

std::optional<Affine> sum(const Affine& a, const Affine& b) { return combined(a, 1, b); }
std::optional<Affine> difference(const Affine& a, const Affine& b) { return combined(a, -1, b); }
std::optional<Affine> scaled(const Affine& a, std::int64_t factor) {
  return combined({}, factor, a);
}

}  // namespace rducc::ir
