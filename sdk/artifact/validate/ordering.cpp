// F and O: filter and sort, which yield positions.
#include "sdk/artifact/validate/checks.hpp"
#include "sdk/artifact/validate/parts.hpp"
#include "sdk/base/dtype.hpp"

namespace rdu::artifact {
namespace {

using base::Result;

Result<void> check_common(const NodeScope& scope, const char* rule) {
  const rdu_node& node = scope.node;
  if (node.num_parallel != node.num_loops) {
    return scope.broken(rule, "%u of %u loops are parallel; all must be", node.num_parallel,
                        node.num_loops);
  }
  return require_absent(scope, rule, kEpilogue | kScatterBase | kControlFlow | kCombine);
}

Result<void> check_filter(const NodeScope& scope) {
  RDU_TRY(check_common(scope, "F1"));
  const rdu_node& node = scope.node;
  if (node.body.num_results != 1 || result_dtype(scope, node.body, 0) != RDU_DTYPE_BOOL) {
    return scope.broken("F2", "the body must have one bool result");
  }
  if (node.num_writes != 2) return scope.broken("F3", "%u writes, not 2", node.num_writes);
  const std::uint32_t count = scope.writes()[1].value;
  const rdu_value& rows = scope.value(scope.writes()[0].value);
  if (rows.dtype != RDU_DTYPE_I64 || rows.rank != 1 || rows.dim_values[0] != count) {
    return scope.broken("F3", "value \"%s\" must be i64 of rank 1, as long as write 1 says",
                        rows.name);
  }
  if (!is_scalar_of(scope.value(count), RDU_DTYPE_I64)) {
    return scope.broken("F3", "the count, value %u, is no i64 scalar", count);
  }
  return {};
}

Result<void> check_sort(const NodeScope& scope) {
  RDU_TRY(check_common(scope, "O1"));
  const rdu_node& node = scope.node;
  const std::uint32_t keys = node.body.num_results;
  if (keys == 0 || keys > 32) return scope.broken("O2", "%u keys; 1 to 32 are possible", keys);
  for (std::uint32_t key = 0; key < keys; ++key) {
    if (base::is_packed(result_dtype(scope, node.body, key))) {
      return scope.broken("O2", "key %u is packed", key);
    }
  }
  if (keys < 32 && node.descending >> keys != 0) {
    return scope.broken("O2", "descending 0x%x for %u keys", node.descending, keys);
  }
  if (node.num_loops == 0) return scope.broken("O3", "there is no loop to sort along");
  if (node.num_writes != 1) return scope.broken("O3", "%u writes, not 1", node.num_writes);
  const rdu_value& order = scope.value(scope.writes()[0].value);
  bool fits = order.dtype == RDU_DTYPE_I64 && order.rank == node.num_loops;
  for (std::uint32_t i = 0; fits && i < node.num_loops; ++i) {
    fits = order.dims[i] == scope.loops()[i].extent &&
           order.dim_values[i] == scope.loops()[i].extent_value;
  }
  if (!fits) return scope.broken("O3", "value \"%s\" must be i64 over the domain", order.name);
  return {};
}

}  // namespace

base::Result<void> check_ordering_pattern(const NodeScope& scope) {
  return scope.node.pattern == RDU_PATTERN_FILTER ? check_filter(scope) : check_sort(scope);
}

}  // namespace rdu::artifact
