// Accesses are sums of loops: composing two is substituting sums into sums.
#include "tools/rducc/ir/compose.hpp"

#include <algorithm>

namespace rducc::ir {
namespace {

using rdu::artifact::kNone;
using rdu::artifact::Term;

void add_scaled(Index& sum, const Index& index, std::int64_t coef) {
  sum.offset += coef * index.offset;
  for (const Term& term : index.terms) sum.terms.push_back({term.loop, coef * term.coef});
}

void merge_terms(Index& index) {
  std::stable_sort(index.terms.begin(), index.terms.end(),
                   [](const Term& a, const Term& b) { return a.loop < b.loop; });
  std::vector<Term> merged;
  for (const Term& term : index.terms) {
    if (!merged.empty() && merged.back().loop == term.loop) {
      merged.back().coef += term.coef;
    } else {
      merged.push_back(term);
    }
  }
  std::erase_if(merged, [](const Term& term) { return term.coef == 0; });
  index.terms = std::move(merged);
}

// Splits the affine part into `unit` times a quotient and a rest; true where the rest stays in
// [0, unit), so that the floor of the division is the quotient.
struct Split {
  Index quotient, rest;
};
bool split_by(const Index& index, std::int64_t unit, std::span<const std::int64_t> extents,
              Split& split) {
  split = {};
  const std::int64_t rest = ((index.offset % unit) + unit) % unit;
  split.rest.offset = rest;
  split.quotient.offset = (index.offset - rest) / unit;
  for (const Term& term : index.terms) {
    if (term.coef % unit == 0) {
      split.quotient.terms.push_back({term.loop, term.coef / unit});
    } else {
      split.rest.terms.push_back(term);
    }
  }
  const Range range = range_of(split.rest, extents);
  return range.low >= 0 && range.high < unit;
}

bool has_plain_range(const Index& index) { return index.source == kNone && !index.exact; }

bool is_straight(const Index& index) {
  return as_single_loop(index).has_value() && index.outside == RDU_OUTSIDE_NEVER;
}

std::optional<Access> substitute_source(const Access& access, std::span<const Index> loops,
                                        std::span<const std::int64_t> extents) {
  Access result;
  for (const Index& index : access) {
    auto composed = substitute(index, loops, extents);
    if (!composed || composed->source != kNone) return std::nullopt;
    result.push_back(*std::move(composed));
  }
  return result;
}

struct Group {
  std::size_t from_begin, from_end, to_begin, to_end;
};

// The finest runs of dimensions whose sizes agree.
std::optional<std::vector<Group>> match_dims(std::span<const std::int64_t> from,
                                             std::span<const std::int64_t> to) {
  std::vector<Group> groups;
  std::size_t f = 0, t = 0;
  while (f < from.size() || t < to.size()) {
    Group group{f, f, t, t};
    std::int64_t in_from = 1, in_to = 1;
    do {
      if (t == to.size() || (f < from.size() && in_from <= in_to)) {
        if (f == from.size()) return std::nullopt;
        in_from *= from[f++];
      } else {
        in_to *= to[t++];
      }
      if (in_from == 0 || in_to == 0) return std::nullopt;
    } while (in_from != in_to);
    group.from_end = f;
    group.to_end = t;
    groups.push_back(group);
  }
  return groups;
}

// The row-major position within the group.
std::optional<Index> linear_index(const Access& access, std::span<const std::int64_t> from,
                                  const Group& group) {
  Index linear;
  std::int64_t stride = 1;
  for (std::size_t i = group.from_end; i-- > group.from_begin;) {
    if (from[i] != 1) {
      if (!is_affine(access[i]) || access[i].outside != RDU_OUTSIDE_NEVER) return std::nullopt;
      add_scaled(linear, access[i], stride);
    } else if (access[i].outside != RDU_OUTSIDE_NEVER || !is_affine(access[i])) {
      return std::nullopt;
    }
    stride *= from[i];
  }
  merge_terms(linear);
  return linear;
}

// A dimension that stays as it is, apart from ones beside it, keeps its index whatever that is.
std::optional<std::size_t> same_dimension(const Access& access, std::span<const std::int64_t> from,
                                          std::span<const std::int64_t> to, const Group& group) {
  std::optional<std::size_t> kept;
  for (std::size_t i = group.from_begin; i < group.from_end; ++i) {
    const bool plain = is_affine(access[i]) && access[i].outside == RDU_OUTSIDE_NEVER;
    if (from[i] == 1 && plain) continue;
    if (kept) return std::nullopt;
    kept = i;
  }
  const auto wide = std::count_if(to.begin() + static_cast<std::ptrdiff_t>(group.to_begin),
                                  to.begin() + static_cast<std::ptrdiff_t>(group.to_end),
                                  [](std::int64_t dim) { return dim != 1; });
  return wide <= 1 ? kept : std::nullopt;
}

}  // namespace

bool is_affine(const Index& index) {
  return index.div == 1 && index.mod == 0 && !index.exact && index.source == kNone;
}

bool is_affine(const Access& access) {
  return std::all_of(access.begin(), access.end(), [](const Index& i) { return is_affine(i); });
}

std::optional<std::uint32_t> as_single_loop(const Index& index) {
  if (!is_affine(index) || index.offset != 0) return std::nullopt;
  if (index.terms.size() != 1 || index.terms[0].coef != 1) return std::nullopt;
  return index.terms[0].loop;
}

Range range_of(const Index& index, std::span<const std::int64_t> extents) {
  Range range{index.offset, index.offset};
  for (const Term& term : index.terms) {
    const std::int64_t reach = term.coef * std::max<std::int64_t>(extents[term.loop] - 1, 0);
    (reach < 0 ? range.low : range.high) += reach;
  }
  return range;
}

void simplify(Index& index, std::span<const std::int64_t> extents) {
  merge_terms(index);
  if (!has_plain_range(index)) return;
  Split split;
  if (index.div != 1 && split_by(index, index.div, extents, split)) {
    index.offset = split.quotient.offset;
    index.terms = split.quotient.terms;
    index.div = 1;
  }
  if (index.mod != 0 && index.div == 1 && split_by(index, index.mod, extents, split)) {
    index.offset = split.rest.offset;
    index.terms = split.rest.terms;
    index.mod = 0;
  }
  if (index.mod != 0) {
    const Range range = range_of(index, extents);
    if (range.low >= 0 && range.high / index.div < index.mod) index.mod = 0;
  }
}

std::optional<Index> substitute(const Index& index, std::span<const Index> loops,
                                std::span<const std::int64_t> extents) {
  Index result = index;
  result.terms.clear();
  for (const Term& term : index.terms) {
    const Index& loop = loops[term.loop];
    if (is_affine(loop) && loop.outside == RDU_OUTSIDE_NEVER) {
      add_scaled(result, loop, term.coef);
    } else if (is_straight(index)) {
      return loop;
    } else {
      return std::nullopt;
    }
  }
  auto source = substitute_source(index.source_access, loops, extents);
  if (!source) return std::nullopt;
  result.source_access = *std::move(source);
  simplify(result, extents);
  return result;
}

std::optional<Access> reshape_access(const Access& access, std::span<const std::int64_t> from,
                                     std::span<const std::int64_t> to,
                                     std::span<const std::int64_t> extents) {
  if (std::equal(from.begin(), from.end(), to.begin(), to.end())) return access;
  const auto groups = match_dims(from, to);
  if (!groups) return std::nullopt;
  Access result(to.size());
  for (const Group& group : *groups) {
    if (const auto kept = same_dimension(access, from, to, group)) {
      for (std::size_t i = group.to_begin; i < group.to_end; ++i) {
        if (to[i] != 1) result[i] = access[*kept];
      }
      if (from[*kept] == 1 && access[*kept].outside != RDU_OUTSIDE_NEVER) return std::nullopt;
      continue;
    }
    const auto linear = linear_index(access, from, group);
    if (!linear) return std::nullopt;
    std::int64_t stride = 1;
    for (std::size_t i = group.to_end; i-- > group.to_begin;) {
      if (to[i] == 1) continue;
      result[i] = *linear;
      result[i].div = stride;
      result[i].mod = to[i];
      simplify(result[i], extents);
      stride *= to[i];
    }
  }
  return result;
}

}  // namespace rducc::ir
