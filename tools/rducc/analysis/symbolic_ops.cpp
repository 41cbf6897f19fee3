// Exact arithmetic on sums: what would have to be rounded, or is not decided, is no sum.
#include "tools/rducc/analysis/symbolic_ops.hpp"

#include <algorithm>

namespace rducc::analysis {
namespace {

using ir::Affine;
using ir::Interval;

std::optional<Affine> cast(rdu_dtype dtype, const Affine& a, Interval range) {
  if (dtype != RDU_DTYPE_BOOL) return a;
  if (range.low > 0 || range.high < 0) return Affine::of(1);
  return range.low >= 0 && range.high <= 1 ? std::optional(a) : std::nullopt;
}

std::optional<Affine> magnitude(const Affine& a, Interval range) {
  if (range.low >= 0) return a;
  return range.high <= 0 ? ir::scaled(a, -1) : std::nullopt;
}

std::optional<Affine> multiply(const Affine& a, const Affine& b) {
  if (a.is_constant()) return ir::scaled(b, a.constant);
  return b.is_constant() ? ir::scaled(a, b.constant) : std::nullopt;
}

bool divides(std::int64_t divisor, const Affine& a) {
  return std::all_of(a.terms.begin(), a.terms.end(),
                     [&](const auto& term) { return term.second % divisor == 0; });
}

// Without a rest it does not matter where a division rounds to.
std::optional<Affine> divide(const Affine& a, const Affine& b) {
  if (!b.is_constant() || b.constant == 0) return std::nullopt;
  if (!divides(b.constant, a) || a.constant % b.constant != 0) return std::nullopt;
  Affine quotient{a.constant / b.constant, a.terms};
  for (auto& [symbol, coefficient] : quotient.terms) coefficient /= b.constant;
  return quotient;
}

// Of what is not negative, where REM and MOD agree.
std::optional<Affine> remainder(const Affine& a, const Affine& b, Interval range) {
  if (!b.is_constant() || b.constant <= 0 || range.low < 0) return std::nullopt;
  if (range.high < b.constant) return a;
  if (!divides(b.constant, a)) return std::nullopt;
  const std::int64_t rest = a.constant % b.constant;
  return Affine::of(rest < 0 ? rest + b.constant : rest);
}

std::optional<Affine> decided(bool yes, bool no) {
  return yes || no ? std::optional(Affine::of(yes ? 1 : 0)) : std::nullopt;
}

// MIN, MAX and comparisons, by the range of a - b.
std::optional<Affine> compare(rdu_body_op op, const Affine& a, const Affine& b, Interval gap) {
  const bool below = gap.high<0, above = gap.low> 0, equal = gap.low == 0 && gap.high == 0;
  switch (op) {
    case RDU_OP_MIN:
    case RDU_OP_MAX:
      if (gap.low >= 0) return op == RDU_OP_MAX ? a : b;
      if (gap.high <= 0) return op == RDU_OP_MAX ? b : a;
      return std::nullopt;
    case RDU_OP_EQ:
      return decided(equal, below || above);
    case RDU_OP_NE:
      return decided(below || above, equal);
    case RDU_OP_LT:
      return decided(below, gap.low >= 0);
    case RDU_OP_LE:
      return decided(gap.high <= 0, above);
    case RDU_OP_GT:
      return decided(above, gap.high <= 0);
    case RDU_OP_GE:
      return decided(gap.low >= 0, below);
    default:
      return std::nullopt;
  }
}

}  // namespace

std::optional<Affine> apply_to_sums(const rdu::artifact::Instr& instr, const Affine& a,
                                    const std::optional<Affine>& b, const RangeOf& range) {
  if (instr.op == RDU_OP_NEG) return ir::scaled(a, -1);
  if (instr.op == RDU_OP_CAST) return cast(instr.dtype, a, range(a));
  if (instr.op == RDU_OP_ABS) return magnitude(a, range(a));
  if (!b) return std::nullopt;
  switch (instr.op) {
    case RDU_OP_ADD:
      return ir::sum(a, *b);
    case RDU_OP_SUB:
      return ir::difference(a, *b);
    case RDU_OP_MUL:
      return multiply(a, *b);
    case RDU_OP_DIV:
      return divide(a, *b);
    case RDU_OP_REM:
    case RDU_OP_MOD:
      return remainder(a, *b, range(a));
    default: {
      const auto gap = ir::difference(a, *b);
      return gap ? compare(instr.op, a, *b, range(*gap)) : std::nullopt;
    }
  }
}

Interval range_after(rdu_body_op op, Interval a, Interval b) {
  const bool divided =
      b.low == b.high && b.low > 0 && a.low != Interval::kLowest && a.high != Interval::kHighest;
  switch (op) {
    case RDU_OP_MIN:
      return {std::min(a.low, b.low), std::min(a.high, b.high)};
    case RDU_OP_MAX:
      return {std::max(a.low, b.low), std::max(a.high, b.high)};
    case RDU_OP_DIV:
      return divided ? Interval{a.low / b.low, a.high / b.low} : Interval{};
    case RDU_OP_REM:
    case RDU_OP_MOD:
      return divided && a.low >= 0 ? Interval{0, std::min(a.high, b.low - 1)} : Interval{};
    default:
      return {};
  }
}

}  // namespace rducc::analysis
