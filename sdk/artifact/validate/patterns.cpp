// M, R, H, X and what all patterns share: which parts a node has, and how their types meet.
#include "sdk/artifact/validate/checks.hpp"
#include "sdk/artifact/validate/parts.hpp"
#include "sdk/base/dtype.hpp"

namespace rdu::artifact {
namespace {

using base::Result;

Result<void> check_no_indirect_reads(const NodeScope& scope, const char* rule) {
  for (const rdu_read& read : scope.reads()) {
    if (is_indirect(scope, read.value, read.first_index)) {
      return scope.broken(rule, "it reads value %u through another; that is a gather", read.value);
    }
  }
  return {};
}

Result<void> check_map(const NodeScope& scope, const char* rule) {
  const rdu_node& node = scope.node;
  if (node.num_parallel != node.num_loops) {
    return scope.broken(rule, "%u of %u loops are parallel; all must be", node.num_parallel,
                        node.num_loops);
  }
  if (node.combine != RDU_COMBINE_NONE || node.acc_dtype != RDU_DTYPE_NONE) {
    return scope.broken(rule, "it combines nothing, but has combine %u in dtype %u", node.combine,
                        node.acc_dtype);
  }
  RDU_TRY(require_absent(scope, rule, kEpilogue | kScatterBase | kControlFlow));
  return check_results(scope, rule, node.body);
}

// Within one class of numbers, and never to fewer bits.
bool can_accumulate(rdu_dtype from, rdu_dtype to) {
  if (base::dtype_bits(to) < base::dtype_bits(from)) return false;
  if (base::is_float(from)) {
    const bool same_width = base::dtype_bits(to) == base::dtype_bits(from);
    return base::is_float(to) && (from == to || !same_width);
  }
  if (base::is_unsigned_integer(from)) {
    return base::is_unsigned_integer(to) ||
           (base::is_signed_integer(to) && base::dtype_bits(to) > base::dtype_bits(from));
  }
  return base::is_signed_integer(from) && base::is_signed_integer(to);
}

Result<void> check_combine(const NodeScope& scope, const char* rule) {
  const rdu_node& node = scope.node;
  const rdu_dtype from = result_dtype(scope, node.body, 0);
  if (node.combine == RDU_COMBINE_AND || node.combine == RDU_COMBINE_OR) {
    if (from == RDU_DTYPE_BOOL && node.acc_dtype == RDU_DTYPE_BOOL) return {};
    return scope.broken(rule, "and, or combine bool in bool, not %s in %s", base::dtype_name(from),
                        base::dtype_name(node.acc_dtype));
  }
  const bool fits = yields_position(node.combine) ? node.acc_dtype == from && from != RDU_DTYPE_BOOL
                                                  : can_accumulate(from, node.acc_dtype);
  if (!fits || base::is_packed(from)) {
    return scope.broken(rule, "%s cannot be accumulated in %s", base::dtype_name(from),
                        base::dtype_name(node.acc_dtype));
  }
  return {};
}

Result<void> check_positions_exist(const NodeScope& scope, const char* rule) {
  if (!yields_position(scope.node.combine)) return {};
  for (std::uint32_t i = scope.node.num_parallel; i < scope.node.num_loops; ++i) {
    if (scope.loops()[i].extent == 0) {
      return scope.broken(rule, "a position among no points: loop %u has extent 0", i);
    }
  }
  return {};
}

Result<void> check_reduce(const NodeScope& scope, const char* rule) {
  const rdu_node& node = scope.node;
  if (node.combine == RDU_COMBINE_NONE || node.combine == RDU_COMBINE_REPLACE) {
    return scope.broken(rule, "combine %u is not for reductions", node.combine);
  }
  if (node.body.num_results != 1) {
    return scope.broken(rule, "the body has %u results, not 1", node.body.num_results);
  }
  RDU_TRY(check_combine(scope, rule));
  RDU_TRY(check_positions_exist(scope, rule));
  RDU_TRY(require_absent(scope, rule, kScatterBase | kControlFlow));
  return check_results(scope, rule, node.epilogue);
}

Result<void> check_scatter(const NodeScope& scope) {
  const rdu_node& node = scope.node;
  if (node.num_parallel != node.num_loops) {
    return scope.broken("X1", "%u of %u loops are parallel; all must be", node.num_parallel,
                        node.num_loops);
  }
  if (node.combine != RDU_COMBINE_REPLACE && node.combine != RDU_COMBINE_ADD &&
      node.combine != RDU_COMBINE_MUL && node.combine != RDU_COMBINE_MIN &&
      node.combine != RDU_COMBINE_MAX) {
    return scope.broken("X2", "combine %u is not for scatter", node.combine);
  }
  RDU_TRY(require_absent(scope, "X1", kEpilogue | kControlFlow));
  if (node.num_writes != 1) return scope.broken("X3", "%u writes, not 1", node.num_writes);
  RDU_TRY(check_results(scope, "X3", node.body));
  const rdu_value& result = scope.value(scope.writes()[0].value);
  if (node.base == RDU_NONE || !same_type(scope.value(node.base), result)) {
    return scope.broken("X4", "base %u is no value of the result's dtype and shape", node.base);
  }
  if (node.acc_dtype != RDU_DTYPE_NONE && node.acc_dtype != result.dtype) {
    return scope.broken("X4", "it combines in the result's dtype %s, not in %s",
                        base::dtype_name(result.dtype), base::dtype_name(node.acc_dtype));
  }
  if (node.combine != RDU_COMBINE_REPLACE &&
      (result.dtype == RDU_DTYPE_BOOL || base::is_packed(result.dtype))) {
    return scope.broken("X2", "combine %u of %s", node.combine, base::dtype_name(result.dtype));
  }
  return {};
}

}  // namespace

base::Result<void> check_pattern(const NodeScope& scope) {
  switch (scope.node.pattern) {
    case RDU_PATTERN_MAP:
      RDU_TRY(check_no_indirect_reads(scope, "M2"));
      return check_map(scope, "M1");
    case RDU_PATTERN_REDUCE:
      RDU_TRY(check_no_indirect_reads(scope, "R2"));
      return check_reduce(scope, "R1");
    case RDU_PATTERN_CONTRACT:
      RDU_TRY(check_no_indirect_reads(scope, "C5"));
      return check_contract(scope);
    case RDU_PATTERN_GATHER:
      return scope.node.combine == RDU_COMBINE_NONE ? check_map(scope, "H1")
                                                    : check_reduce(scope, "H2");
    case RDU_PATTERN_SCATTER:
      return check_scatter(scope);
    case RDU_PATTERN_SCAN:
      return check_scan(scope);
    case RDU_PATTERN_CONTROL:
      return check_control(scope);
    default:
      return check_ordering_pattern(scope);
  }
}

}  // namespace rdu::artifact
