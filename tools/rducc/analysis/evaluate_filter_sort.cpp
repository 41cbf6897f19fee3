// Filter keeps positions, sort orders them.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "tools/rducc/analysis/evaluate_ordered.hpp"
#include "tools/rducc/analysis/point.hpp"
#include "tools/rducc/analysis/scalar_ops.hpp"
#include "tools/rducc/ir/element.hpp"

namespace rducc::analysis {
namespace {

using rdu::artifact::Node;
using rdu::artifact::Scalar;
using Keys = std::vector<Scalar>;

void store_i64(Memory& memory, rdu::artifact::ValueId id, std::size_t element, std::int64_t value) {
  ir::store_element(memory.writable(id), memory.variant().values[id].dtype, element, {0, value});
}

// -1, 0 or 1; NaN is largest.
int compare_keys(rdu_dtype dtype, Scalar a, Scalar b) {
  if (ir::is_float(dtype)) {
    if (std::isnan(a.f) || std::isnan(b.f)) return std::isnan(a.f) - std::isnan(b.f);
    return (a.f > b.f) - (a.f < b.f);
  }
  const auto holds = [&](rdu_body_op op) {
    return static_cast<int>(apply({op, RDU_DTYPE_BOOL, 0, 0, 0, {}}, dtype, a, b, {}).i);
  };
  return holds(RDU_OP_GT) - holds(RDU_OP_LT);
}

bool comes_before(const Node& node, const Keys& a, const Keys& b) {
  for (std::size_t k = 0; k < a.size(); ++k) {
    const rdu_dtype dtype = node.body.code[node.body.results[k]].dtype;
    const int order = compare_keys(dtype, a[k], b[k]);
    if (order != 0) return ((node.descending >> k) & 1) ? order > 0 : order < 0;
  }
  return false;
}

}  // namespace

void evaluate_filter(const Node& node, Memory& memory) {
  PointEvaluator at(node, memory);
  std::int64_t count = 0;
  memory.writable(node.writes[0].value);
  if (!at.empty(0, node.loops.size())) {
    do {
      // Positions count by the bounds, as storage does.
      std::int64_t position = 0;
      for (std::size_t i = 0; i < node.loops.size(); ++i) {
        position = position * node.loops[i].extent + at.point()[i];
      }
      if (at.run(node.body)[0].i != 0) store_i64(memory, node.writes[0].value, count++, position);
    } while (at.step(0, node.loops.size()));
  }
  if (node.writes.size() > 1) store_i64(memory, node.writes[1].value, 0, count);
}

void evaluate_sort(const Node& node, Memory& memory) {
  PointEvaluator at(node, memory);
  const std::size_t last = node.loops.size() - 1;
  memory.writable(node.writes[0].value);
  if (at.empty(0, last + 1)) return;
  // Rows of the storage are as long as the bound, of which the extent is in use.
  std::size_t first_of_row = 0;
  do {
    std::vector<Keys> keys;
    do keys.push_back(at.run(node.body));
    while (at.step(last, last + 1));
    std::vector<std::size_t> order(keys.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return comes_before(node, keys[a], keys[b]);
    });
    for (std::size_t i = 0; i < order.size(); ++i) {
      store_i64(memory, node.writes[0].value, first_of_row + i,
                static_cast<std::int64_t>(order[i]));
    }
    first_of_row += static_cast<std::size_t>(node.loops[last].extent);
  } while (at.step(0, last));
}

}  // namespace rducc::analysis
