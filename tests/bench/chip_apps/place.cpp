// Writes address programs.
#include "tests/bench/chip_apps/place.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

namespace chip_apps {
namespace {

using rducc::rdu::Wrap;

constexpr std::int64_t kWordBytes = 4;

struct Interval {
  std::int64_t low, high;
};

// An address program while it is written: steps, what is known of them, and whether lanes may be off.
class Address {
 public:
  Address(Memory& memory, const Chain& chain) : memory_(memory), chain_(chain) {}

  // Left out where it can never bite.
  void guard(const Guard& guard) {
    const Interval value = bounds(guard.index);
    if (value.low >= guard.least && value.high < guard.limit) return;
    step(guard.index, {.low = guard.least, .high = guard.limit});
  }

  Affine step(const Affine& sum, const Wrap& wrap) {
    Interval value = bounds(sum);
    value = {value.low / wrap.divisor, value.high / wrap.divisor};
    steps_.push_back(value);
    bounded_ = bounded_ || wrap.high != Wrap{}.high;
    return memory_.step(sum, wrap);
  }

  // Where lanes may be off, the address gets bounds of its own: intervals alone cannot see that it stays inside.
  void finish(const Affine& word, std::int64_t words) {
    const std::int64_t last = (words - 1) * kWordBytes;
    memory_.address(word * kWordBytes, bounded_ ? Wrap{.low = 0, .high = last + 1} : Wrap{});
  }

 private:
  // Counters begin at 0, and so does what is divided.
  Interval bounds(const Affine& sum) const {
    Interval value = {sum.offset, sum.offset};
    for (const rdu_hw_term& term : sum.terms) {
      const Interval x = range(term);
      const std::int64_t ends[] = {term.coefficient * x.low, term.coefficient * x.high};
      value.low += std::min(ends[0], ends[1]);
      value.high += std::max(ends[0], ends[1]);
    }
    return value;
  }

  Interval range(const rdu_hw_term& term) const {
    switch (term.source) {
      case RDU_HW_TERM_STEP:
        return steps_[term.index];
      case RDU_HW_TERM_COUNTER:
        return {0, std::int64_t{chain_[term.index].extent} - 1};
      default:
        return {std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()};
    }
  }

  Memory& memory_;
  const Chain& chain_;
  std::vector<Interval> steps_;
  bool bounded_ = false;
};

}  // namespace

Chain operator+(Chain outer, Counter inner) {
  outer.push_back(inner);
  return outer;
}

Chain operator+(Chain outer, const Chain& inner) {
  outer.insert(outer.end(), inner.begin(), inner.end());
  return outer;
}

Affine Strip::index(std::uint32_t counter, std::uint32_t copy) const {
  return at(counter, std::int64_t{par} * step) + std::int64_t{copy} * step;
}

bool Bank::meets(const Affine& row) const {
  std::int64_t stride = banks;
  for (const rdu_hw_term& term : row.terms) stride = std::gcd(stride, term.coefficient);
  return (row.offset - bank) % stride == 0;
}

void write_address(Memory& memory, const Chain& chain, const Place& place, std::int64_t words) {
  Address address(memory, chain);
  for (const Guard& guard : place.guards) address.guard(guard);
  Affine row = place.row;
  Affine column = place.column;
  if (place.chosen) row = memory.word(place.chosen->words, place.chosen->level);
  if (place.piece != 0 && place.piece < chain.back().extent) {
    const auto innermost = static_cast<std::uint32_t>(chain.size() - 1);
    const Affine rows = address.step(at(innermost, 1), {.divisor = place.piece});
    row = row + rows;
    column = column + rows * -std::int64_t{place.piece};
  }
  if (place.bank.banks > 1) {
    const std::int64_t bank = place.bank.bank;
    address.step(row, {.modulus = place.bank.banks, .low = bank, .high = bank + 1});
    row = address.step(row, {.divisor = place.bank.banks});
  }
  if (place.width != 0) address.guard({row, words / place.width});
  address.guard({column, place.width != 0 ? place.width : words});
  address.finish(row * place.width + column, words);
}

}  // namespace chip_apps
