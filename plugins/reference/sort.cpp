// sort: the permutation that orders the last loop by several keys, stable, NaN largest.
#include <algorithm>
#include <cmath>

#include "plugins/reference/patterns.hpp"

namespace rdu::reference {
namespace {

// -1, 0 or 1 as a is less than, equal to or greater than b.
int compare(Kind kind, Scalar a, Scalar b) {
  if (kind == Kind::kFloat) {
    if (std::isnan(a.f) || std::isnan(b.f))
      return static_cast<int>(std::isnan(a.f)) - static_cast<int>(std::isnan(b.f));
    return static_cast<int>(a.f > b.f) - static_cast<int>(a.f < b.f);
  }
  if (kind == Kind::kSigned) return static_cast<int>(a.i > b.i) - static_cast<int>(a.i < b.i);
  const auto x = static_cast<std::uint64_t>(a.i), y = static_cast<std::uint64_t>(b.i);
  return static_cast<int>(x > y) - static_cast<int>(x < y);
}

// Does position i come before position j? `keys` has a row of results per position.
bool comes_before(const NodePlan& plan, const Scalar* keys, std::int64_t i, std::int64_t j) {
  const std::size_t num_keys = plan.body.results.size();
  for (std::size_t k = 0; k < num_keys; ++k) {
    const Scalar a = keys[static_cast<std::size_t>(i) * num_keys + k];
    const Scalar b = keys[static_cast<std::size_t>(j) * num_keys + k];
    const int order = compare(kind_of(plan.body.result_dtype(k)), a, b);
    if (order != 0) return (order < 0) != ((plan.node->descending >> k & 1) != 0);
  }
  return i < j;
}

}  // namespace

plugin::Status run_sort(NodeRun& run) {
  const NodePlan& plan = run.plan();
  const std::uint32_t last = plan.num_parallel;
  const std::int64_t length = run.domain().extents[last];
  const std::size_t num_keys = plan.body.results.size();
  auto* keys = run.frame().workspace.take<Scalar>(static_cast<std::uint64_t>(length) * num_keys);
  auto* order = run.frame().workspace.take<std::int64_t>(static_cast<std::uint64_t>(length));

  run.walk(0, last, [&] {
    // The write stands at the first of the row: it follows the parallel loops only.
    const std::int64_t first = run.write_cursor(0).locate().element;
    run.walk(last, last + 1, [&] {
      const std::int64_t i = run.domain().position[last];
      const Scalar* registers = run.evaluate_body();
      for (std::size_t k = 0; k < num_keys; ++k) {
        keys[static_cast<std::size_t>(i) * num_keys + k] = registers[plan.body.results[k]];
      }
      order[i] = i;
    });
    std::sort(order, order + length,
              [&](std::int64_t i, std::int64_t j) { return comes_before(plan, keys, i, j); });
    for (std::int64_t i = 0; i < length; ++i) {
      put(run.write_cursor(0).data(), first + i * plan.write(0).coefs[last], order[i]);
    }
  });
  return run.finish();
}

}  // namespace rdu::reference
