// Map, gather, reduce, contract and scatter, evaluated point by point.
#include "tools/rducc/analysis/evaluate.hpp"

#include <algorithm>
#include <cmath>

#include "tools/rducc/analysis/evaluate_ordered.hpp"
#include "tools/rducc/analysis/point.hpp"
#include "tools/rducc/analysis/scalar_ops.hpp"
#include "tools/rducc/ir/element.hpp"

namespace rducc::analysis {
namespace {

using rdu::artifact::kNone;
using rdu::artifact::Node;
using rdu::artifact::Scalar;
using rdu::artifact::Variant;

void store_results(const PointEvaluator& at, const std::vector<Scalar>& results, Memory& memory) {
  for (std::size_t i = 0; i < results.size(); ++i) {
    const auto& write = at.node().writes[i];
    const Position position = at.write_position(write);
    if (position.fill) continue;
    ir::store_element(memory.writable(write.value), memory.variant().values[write.value].dtype,
                      static_cast<std::size_t>(position.element), results[i]);
  }
}

// The state of one reduction: a value, and for argmin and argmax where it was found.
class Accumulator {
 public:
  Accumulator(rdu_combine_op op, rdu_dtype dtype)
      : op_(op), dtype_(dtype), value_(identity(op, dtype)) {}

  void add(Scalar value) {
    if (is_arg()) {
      if (count_ == 0 || replaces(value)) {
        value_ = value;
        position_ = count_;
      }
    } else {
      value_ = combine(op_, dtype_, value_, value);
    }
    ++count_;
  }

  Scalar result() const {
    if (is_arg()) return {0, position_};
    return ir::is_float(dtype_) ? Scalar{ir::round_to(dtype_, value_.f), 0} : value_;
  }

 private:
  bool is_arg() const { return op_ >= RDU_COMBINE_ARGMIN_FIRST && op_ <= RDU_COMBINE_ARGMAX_LAST; }
  bool replaces(Scalar value) const {
    const bool last = op_ == RDU_COMBINE_ARGMIN_LAST || op_ == RDU_COMBINE_ARGMAX_LAST;
    if (ir::is_float(dtype_) && (std::isnan(value.f) || std::isnan(value_.f))) {
      return std::isnan(value.f) && (last || !std::isnan(value_.f));
    }
    const bool smaller = op_ == RDU_COMBINE_ARGMIN_FIRST || op_ == RDU_COMBINE_ARGMIN_LAST;
    const Scalar &low = smaller ? value : value_, &high = smaller ? value_ : value;
    const rdu_body_op op = last ? RDU_OP_LE : RDU_OP_LT;
    return apply({op, RDU_DTYPE_BOOL, 0, 0, 0, {}}, dtype_, low, high, {}).i != 0;
  }

  rdu_combine_op op_;
  rdu_dtype dtype_;
  Scalar value_;
  std::int64_t position_ = 0;
  std::int64_t count_ = 0;
};

// A contraction's product is formed in the accumulator's dtype and not rounded before it is added.
Scalar point_value(const Node& node, const std::vector<Scalar>& results) {
  if (node.pattern != RDU_PATTERN_CONTRACT) return results[0];
  if (ir::is_float(node.acc_dtype)) return {results[0].f * results[1].f, 0};
  return apply({RDU_OP_MUL, node.acc_dtype, 0, 0, 0, {}}, node.acc_dtype, results[0], results[1],
               {});
}

// The combine works on the body's dtype for ARGMIN and ARGMAX, on the accumulator's otherwise.
rdu_dtype combine_dtype(const Node& node) {
  const bool arg =
      node.combine >= RDU_COMBINE_ARGMIN_FIRST && node.combine <= RDU_COMBINE_ARGMAX_LAST;
  return arg ? node.body.code[node.body.results[0]].dtype : node.acc_dtype;
}

void evaluate_points(const Node& node, Memory& memory) {
  PointEvaluator at(node, memory);
  const std::size_t inner = node.num_parallel, all = node.loops.size();
  for (const auto& write : node.writes) memory.writable(write.value);
  if (at.empty(0, inner)) return;
  if (node.combine == RDU_COMBINE_NONE) {
    do store_results(at, at.run(node.body), memory);
    while (at.step(0, inner));
    return;
  }
  do {
    Accumulator acc(node.combine, combine_dtype(node));
    if (!at.empty(inner, all)) {
      do acc.add(point_value(node, at.run(node.body)));
      while (at.step(inner, all));
    }
    store_results(at, at.run(node.epilogue, acc.result()), memory);
  } while (at.step(0, inner));
}

void evaluate_scatter(const Node& node, Memory& memory) {
  const auto& write = node.writes[0];
  const rdu_dtype dtype = memory.variant().values[write.value].dtype;
  const auto base = memory.bytes(node.base);
  const auto target = memory.writable(write.value);
  std::copy(base.begin(), base.end(), target.begin());
  PointEvaluator at(node, memory);
  if (at.empty(0, node.loops.size())) return;
  do {
    const Position position = at.write_position(write);
    if (position.fill) continue;
    const auto element = static_cast<std::size_t>(position.element);
    const Scalar old = ir::load_element(target, dtype, element);
    ir::store_element(target, dtype, element,
                      combine(node.combine, dtype, old, at.run(node.body)[0]));
  } while (at.step(0, node.loops.size()));
}

bool reads_constants(const Variant& variant, const rdu::artifact::Access& access) {
  const auto constant = [&](rdu::artifact::ValueId id) {
    if (id == kNone) return true;
    const auto storage = variant.values[id].storage;
    return variant.values[storage == kNone ? id : storage].data.owner != nullptr;
  };
  return std::all_of(access.begin(), access.end(),
                     [&](const auto& index) { return constant(index.source); });
}

}  // namespace

void evaluate_node(const Node& node, Memory& memory) {
  switch (node.pattern) {
    case RDU_PATTERN_SCATTER:
      return evaluate_scatter(node, memory);
    case RDU_PATTERN_FILTER:
      return evaluate_filter(node, memory);
    case RDU_PATTERN_SORT:
      return evaluate_sort(node, memory);
    case RDU_PATTERN_SCAN:
      return evaluate_scan(node, memory);
    case RDU_PATTERN_CONTROL:
      return evaluate_control(node, memory);
    default:
      return evaluate_points(node, memory);
  }
}

void evaluate_graph(std::uint32_t graph, Memory& memory) {
  for (const Node& node : memory.variant().graphs[graph].nodes) evaluate_node(node, memory);
}

double evaluation_cost(const Node& node) {
  double points = 1;
  for (const auto& loop : node.loops) points *= static_cast<double>(loop.extent);
  double work = 1 + static_cast<double>(node.body.code.size());
  for (const auto& read : node.reads) work += static_cast<double>(read.access.size());
  return points * work;
}

bool is_foldable(const Variant& variant, const Node& node) {
  const auto constant = [&](rdu::artifact::ValueId id) {
    const auto storage = variant.values[id].storage;
    return variant.values[storage == kNone ? id : storage].data.owner != nullptr;
  };
  const auto random = [](const auto& instr) { return instr.op == RDU_OP_RNG; };
  if (node.pattern == RDU_PATTERN_SCAN || node.pattern == RDU_PATTERN_CONTROL) return false;
  if (std::any_of(node.body.code.begin(), node.body.code.end(), random)) return false;
  for (const auto& read : node.reads) {
    if (!constant(read.value) || !reads_constants(variant, read.access)) return false;
    if (read.fill_value != kNone && !constant(read.fill_value)) return false;
  }
  for (const auto& loop : node.loops) {
    if (loop.extent_value != kNone && !constant(loop.extent_value)) return false;
  }
  for (const auto& write : node.writes) {
    if (!reads_constants(variant, write.access)) return false;
  }
  return node.base == kNone || constant(node.base);
}

}  // namespace rducc::analysis
