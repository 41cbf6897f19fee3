// L and A: domains, and where accesses may lead. NEVER is proved by interval arithmetic over the loops.
#include <algorithm>
#include <optional>

#include "sdk/artifact/validate/checks.hpp"
#include "sdk/artifact/validate/immediate.hpp"
#include "sdk/base/checked.hpp"
#include "sdk/base/dtype.hpp"

namespace rdu::artifact {
namespace {

using base::Result;

// The affine part of an index stays within this, so that adding a source (which is saturated to the same) and
// comparing with an extent never overflow.
constexpr std::int64_t kMaxPosition = std::int64_t{1} << 61;

struct Interval {
  std::int64_t low;
  std::int64_t high;
};

// The values of offset + Σ coef · loop; nothing where they leave ±kMaxPosition. Exact: every bound is reached.
std::optional<Interval> affine_interval(const NodeScope& scope, const rdu_index& index) {
  Interval sum{index.offset, index.offset};
  for (const auto& term : slice<rdu_term>(scope.graph.terms, index.first_term, index.num_terms)) {
    // An extent of 0 leaves no point at all; one point stands for it.
    const std::int64_t last = std::max<std::int64_t>(scope.loops()[term.loop].extent - 1, 0);
    const auto reach = base::checked_mul(term.coef, last);
    if (!reach) return std::nullopt;
    const auto low = base::checked_add(sum.low, std::min<std::int64_t>(*reach, 0));
    const auto high = base::checked_add(sum.high, std::max<std::int64_t>(*reach, 0));
    if (!low || !high) return std::nullopt;
    sum = {*low, *high};
  }
  if (sum.low < -kMaxPosition || sum.high > kMaxPosition) return std::nullopt;
  return sum;
}

// After floor division and mod. Division is monotonous, so exact; mod keeps an interval that lies in one period.
Interval position_interval(const rdu_index& index, Interval affine) {
  Interval result{base::floor_div(affine.low, index.div), base::floor_div(affine.high, index.div)};
  if (index.mod == 0) return result;
  if (base::floor_div(result.low, index.mod) == base::floor_div(result.high, index.mod)) {
    return {base::floor_mod(result.low, index.mod), base::floor_mod(result.high, index.mod)};
  }
  return {0, index.mod - 1};
}

// Without points no position is reached: when a parallel loop has none, or a loop that the access itself uses.
// (After an empty reduction the epilogue still runs, so other reduction loops do not count.)
bool is_never_evaluated(const NodeScope& scope, std::uint32_t used_loops) {
  for (std::uint32_t i = 0; i < scope.node.num_loops; ++i) {
    const bool counts = i < scope.node.num_parallel || (used_loops >> i & 1u) != 0;
    if (counts && scope.loops()[i].extent == 0) return true;
  }
  return false;
}

enum class AccessKind { kRead, kWrite, kSourceOfRead, kSourceOfWrite };

class AccessCheck {
 public:
  AccessCheck(const NodeScope& scope, const char* what, std::uint32_t number, AccessKind kind)
      : scope_(scope), what_(what), number_(number), kind_(kind) {}

  Result<void> run(std::uint32_t id, std::uint32_t first_index) {
    never_evaluated_ = is_never_evaluated(scope_, loops_of_access(scope_, id, first_index));
    const rdu_value& value = scope_.value(id);
    for (std::uint32_t dim = 0; dim < value.rank; ++dim) {
      RDU_TRY(check_index(at<rdu_index>(scope_.graph.indices, first_index + dim), value, dim));
    }
    return {};
  }

 private:
  template <class... Args>
  base::Error wrong(const char* rule, std::uint32_t dim, const char* pattern,
                    Args... arguments) const {
    const std::string why = base::format(pattern, arguments...);
    return scope_.broken(rule, "%s %u, dimension %u: %s", what_, number_, dim, why.c_str());
  }

  Result<void> check_index(const rdu_index& index, const rdu_value& value,
                           std::uint32_t dim) const {
    if (index.div < 1 || index.mod < 0 || index.exact > 1 || index.outside > RDU_OUTSIDE_SKIP) {
      return wrong("A1", dim, "div %lld, mod %lld, exact %u, outside %u",
                   static_cast<long long>(index.div), static_cast<long long>(index.mod),
                   index.exact, index.outside);
    }
    RDU_TRY(check_terms(index, dim));
    RDU_TRY(check_outside(index, dim));
    if (index.source != RDU_NONE) RDU_TRY(check_source(index, dim));
    return check_range(index, value, dim);
  }

  Result<void> check_terms(const rdu_index& index, std::uint32_t dim) const {
    std::uint32_t seen = 0;
    for (const auto& term :
         slice<rdu_term>(scope_.graph.terms, index.first_term, index.num_terms)) {
      const std::uint32_t visible =
          kind_ == AccessKind::kWrite ? scope_.node.num_parallel : scope_.node.num_loops;
      if (term.loop >= visible) {
        return wrong("A2", dim, "loop %u of %u", term.loop, visible);
      }
      if ((seen >> term.loop & 1u) != 0 || term.coef == 0) {
        return wrong("A2", dim, "loop %u comes twice or with coefficient 0", term.loop);
      }
      seen |= 1u << term.loop;
    }
    return {};
  }

  Result<void> check_outside(const rdu_index& index, std::uint32_t dim) const {
    const bool scatters = kind_ == AccessKind::kWrite && scope_.node.pattern == RDU_PATTERN_SCATTER;
    if (index.exact != 0 && index.outside != RDU_OUTSIDE_FILL &&
        !(scatters && index.outside == RDU_OUTSIDE_SKIP)) {
      return wrong("A5", dim, "exact with outside rule %u", index.outside);
    }
    bool allowed = index.outside != RDU_OUTSIDE_SKIP;
    if (scatters) {
      allowed = index.outside == RDU_OUTSIDE_NEVER || index.outside == RDU_OUTSIDE_WRAP ||
                index.outside == RDU_OUTSIDE_ERROR || index.outside == RDU_OUTSIDE_SKIP;
    } else if (kind_ == AccessKind::kWrite) {
      allowed = index.outside == RDU_OUTSIDE_NEVER;
    } else if (kind_ == AccessKind::kSourceOfWrite) {
      allowed = allowed && index.outside != RDU_OUTSIDE_FILL;
    }
    if (!allowed) return wrong("A7", dim, "outside rule %u is not for this access", index.outside);
    return {};
  }

  Result<void> check_source(const rdu_index& index, std::uint32_t dim) const {
    const rdu_value& source = scope_.value(index.source);
    if (source.dtype != RDU_DTYPE_I32 && source.dtype != RDU_DTYPE_I64) {
      return wrong("A3", dim, "source %u is %s", index.source, base::dtype_name(source.dtype));
    }
    const auto kind =
        kind_ == AccessKind::kWrite ? AccessKind::kSourceOfWrite : AccessKind::kSourceOfRead;
    return AccessCheck(scope_, what_, number_, kind).run(index.source, index.first_source_index);
  }

  Result<void> check_range(const rdu_index& index, const rdu_value& value,
                           std::uint32_t dim) const {
    const auto affine = affine_interval(scope_, index);
    if (!affine) return wrong("A6", dim, "%s", "its position can leave ±2^61");
    if (never_evaluated_) return {};
    const std::int64_t extent = value.dims[dim];
    if (index.outside != RDU_OUTSIDE_NEVER) {
      const bool needs_an_element =
          index.outside == RDU_OUTSIDE_CLAMP || index.outside == RDU_OUTSIDE_REFLECT;
      if (needs_an_element && extent == 0) {
        return wrong("A4", dim, "outside rule %u on an extent of 0", index.outside);
      }
      return {};
    }
    const Interval reach = index.source != RDU_NONE ? Interval{0, index.mod - 1}
                                                    // mod 0 promises nothing
                                                    : position_interval(index, *affine);
    if (reach.low < 0 || reach.high >= extent || (index.source != RDU_NONE && index.mod == 0)) {
      return wrong("A4", dim, "positions %lld to %lld of value \"%s\" with extent %lld",
                   static_cast<long long>(reach.low), static_cast<long long>(reach.high),
                   value.name, static_cast<long long>(extent));
    }
    return {};
  }

  const NodeScope& scope_;
  const char* what_;
  std::uint32_t number_;
  AccessKind kind_;
  bool never_evaluated_ = false;
};

Result<void> check_fill(const NodeScope& scope, const rdu_read& read, std::uint32_t number) {
  const rdu_value& value = scope.value(read.value);
  if (read.fill_value != RDU_NONE && !is_scalar_of(scope.value(read.fill_value), value.dtype)) {
    return scope.broken("A8", "read %u: fill value %u is no %s scalar", number, read.fill_value,
                        base::dtype_name(value.dtype));
  }
  if (!immediate_fits(value.dtype, read.fill.i)) {
    return scope.broken("A8", "read %u: fill %lld is no %s", number,
                        static_cast<long long>(read.fill.i), base::dtype_name(value.dtype));
  }
  return {};
}

}  // namespace

std::uint32_t loops_of_access(const NodeScope& scope, std::uint32_t id, std::uint32_t first_index) {
  std::uint32_t loops = 0;
  const std::uint32_t rank = scope.value(id).rank;
  for (std::uint32_t dim = 0; dim < rank; ++dim) {
    const auto& index = at<rdu_index>(scope.graph.indices, first_index + dim);
    for (const auto& term : slice<rdu_term>(scope.graph.terms, index.first_term, index.num_terms)) {
      if (term.loop < scope.node.num_loops) loops |= 1u << term.loop;
    }
    if (index.source != RDU_NONE) {
      loops |= loops_of_access(scope, index.source, index.first_source_index);
    }
  }
  return loops;
}

bool is_indirect(const NodeScope& scope, std::uint32_t id, std::uint32_t first_index) {
  const std::uint32_t rank = scope.value(id).rank;
  for (std::uint32_t dim = 0; dim < rank; ++dim) {
    if (at<rdu_index>(scope.graph.indices, first_index + dim).source != RDU_NONE) return true;
  }
  return false;
}

base::Result<void> check_loops(const NodeScope& scope) {
  const rdu_node& node = scope.node;
  if (node.num_loops > RDU_MAX_LOOPS || node.num_parallel > node.num_loops) {
    return scope.broken("L1", "%u loops, %u of them parallel", node.num_loops, node.num_parallel);
  }
  std::int64_t extents[RDU_MAX_LOOPS];
  for (std::uint32_t i = 0; i < node.num_loops; ++i) {
    const rdu_loop& loop = scope.loops()[i];
    extents[i] = loop.extent;
    if (loop.role > RDU_LOOP_WINDOW ||
        (node.pattern != RDU_PATTERN_CONTRACT && loop.role != RDU_LOOP_PLAIN)) {
      return scope.broken("L3", "loop %u has role %u", i, loop.role);
    }
    if (loop.extent_value != RDU_NONE &&
        !is_scalar_of(scope.value(loop.extent_value), RDU_DTYPE_I64)) {
      return scope.broken("L4", "the extent of loop %u is value %u, which is no i64 scalar", i,
                          loop.extent_value);
    }
  }
  const auto points = base::checked_product({extents, node.num_loops});
  if (!points || *points > kMaxPosition) {
    return scope.broken("L2", "an extent is negative or the domain has more than 2^61 points");
  }
  return {};
}

base::Result<void> check_accesses(const NodeScope& scope) {
  std::uint32_t number = 0;
  for (const rdu_read& read : scope.reads()) {
    RDU_TRY(
        AccessCheck(scope, "read", number, AccessKind::kRead).run(read.value, read.first_index));
    RDU_TRY(check_fill(scope, read, number));
    ++number;
  }
  if (writes_whole_values(scope.node)) return {};
  number = 0;
  for (const rdu_write& write : scope.writes()) {
    RDU_TRY(AccessCheck(scope, "write", number, AccessKind::kWrite)
                .run(write.value, write.first_index));
    ++number;
  }
  return {};
}

}  // namespace rdu::artifact
