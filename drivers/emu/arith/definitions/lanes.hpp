// How lanes meet in the reduction tree, and vectors in an accumulation register.
#pragma once

#include "drivers/emu/arith/definitions/fp32.hpp"
#include "drivers/emu/arith/definitions/int32.hpp"

namespace rdu_hw::arith::RDU_HW_ARITH_ISA {
namespace {

// A definition of two operands as words.
template <auto F, class Type = decltype(F)>
struct OnWords;
template <auto F, class R, class A, class B>
struct OnWords<F, R (*)(A, B)> {
  RDU_HW_ARITH_INLINE static Word meet(Word a, Word b) {
    return word_of(F(bits<A>(a), bits<B>(b)));
  }
};

template <auto F, Word Identity>
struct FoldRule {
  static constexpr Word kIdentity = Identity;
  RDU_HW_ARITH_INLINE static Word meet(Word a, Word b) { return OnWords<F>::meet(a, b); }
};

// The word that lane `lane` sends into the tree or to its register.
template <class Rule>
RDU_HW_ARITH_INLINE Word sent(Word word, std::uint64_t mask, unsigned lane) {
  return (mask >> lane & 1u) != 0 ? word : Rule::kIdentity;
}

// The leaves of a tree: lanes padded to a power of two.
RDU_HW_ARITH_INLINE unsigned num_leaves(unsigned lanes) {
  unsigned leaves = 1;
  while (leaves < lanes) leaves *= 2;
  return leaves;
}

// Neighbours meet, the lower lane on the left; then the results of neighbours; the last result is the tree's.
template <class Rule>
Word tree_of(const Word* vector, std::uint64_t mask, unsigned lanes) {
  Word level[kMaxLanes];
  unsigned width = num_leaves(lanes);
  for (unsigned l = 0; l < width; ++l) {
    level[l] = l < lanes ? sent<Rule>(vector[l], mask, l) : Rule::kIdentity;
  }
  for (; width > 1; width /= 2) {
    for (unsigned i = 0; i < width / 2; ++i) level[i] = Rule::meet(level[2 * i], level[2 * i + 1]);
  }
  return level[0];
}

// A value with its position. An empty place loses to any other, a NaN wins over any number, and among equals the first
// or the last position wins; so the outcome does not depend on the order in which places meet.
struct Place {
  Word value;
  Word position;
};
constexpr Place kEmpty{0, kNowhere};

template <class T, bool Greatest, bool Last>
struct PickRule {
  RDU_HW_ARITH_INLINE static Place meet(Place a, Place b) {
    const T x = bits<T>(a.value), y = bits<T>(b.value);
    const bool nan_x = x != x, nan_y = y != y;
    const bool better = (Greatest ? y > x : y < x) | (nan_y & !nan_x);
    const bool equal = (x == y) | (nan_x & nan_y);
    const bool preferred = Last ? b.position > a.position : b.position < a.position;
    const bool second =
        (b.position != kNowhere) & ((a.position == kNowhere) | better | (equal & preferred));
    const Word value = second ? b.value : a.value;
    return {word_of(bits<T>(value)), second ? b.position : a.position};
  }
};

}  // namespace
}  // namespace rdu_hw::arith::RDU_HW_ARITH_ISA
