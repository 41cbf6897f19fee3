// Rewrites the body and puts the dequantisation where the epilogue had the combined value.
#include "tools/rducc/passes/reduce_integers.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "tools/rducc/analysis/dequantised.hpp"
#include "tools/rducc/ir/element.hpp"
#include "tools/rducc/ir/inline_map.hpp"
#include "tools/rducc/ir/program.hpp"
#include "tools/rducc/ir/rewrite.hpp"

namespace rducc::passes {
namespace {

using rdu::artifact::Index;
using rdu::artifact::Instr;
using rdu::artifact::kNone;
using rdu::artifact::Node;
using rdu::artifact::Program;
using rdu::artifact::Read;
using rdu::artifact::Variant;

constexpr double kMostPoints = 1 << 22;  // of a sum whose terms are below 2^9 in magnitude

// The body yields its only read, maybe cast to the accumulator's dtype.
bool passes_on(const Node& node) {
  if (node.pattern != RDU_PATTERN_REDUCE || node.body.results.size() != 1) return false;
  const Instr* instr = &node.body.code[node.body.results[0]];
  if (instr->op == RDU_OP_CAST) instr = &node.body.code[instr->a];
  return instr->op == RDU_OP_LOAD && instr->a == 0 && ir::is_float(node.acc_dtype) &&
         std::count_if(node.body.code.begin(), node.body.code.end(),
                       [](const Instr& i) { return ir::uses_read(i); }) == 1;
}

// Some element of every window lies inside: windows that begin or end outside reach in.
bool meets_tensor(const Node& node, const Index& index, std::int64_t extent) {
  if (index.outside == RDU_OUTSIDE_NEVER && !index.exact) return true;
  if (index.outside != RDU_OUTSIDE_FILL || index.exact || index.div != 1 || index.mod != 0 ||
      index.source != kNone) {
    return false;
  }
  std::int64_t first_end = index.offset, last_start = index.offset;
  for (const auto& term : index.terms) {
    if (term.coef < 0) return false;
    const std::int64_t reach = term.coef * (node.loops[term.loop].extent - 1);
    (term.loop < node.num_parallel ? last_start : first_end) += reach;
  }
  return first_end >= 0 && last_start < extent;
}

class Rewriter {
 public:
  Rewriter(const Variant& variant, const Node& producer, Node& node)
      : variant_(variant), producer_(producer), node_(node) {}

  void run() {
    const auto found = analysis::match_dequantised(producer_);
    if (!found || !found->zero_point.is_constant() || !found->scale.is_constant()) return;
    found_ = *found;
    if (!(found_.scale.constant.f > 0) || !look_through()) return;
    const bool extreme = node_.combine == RDU_COMBINE_MAX || node_.combine == RDU_COMBINE_MIN;
    if (extreme ? !fill_extreme() : !fill_sum()) return;
    const rdu_dtype real = node_.acc_dtype;
    node_.reads[0] = x_;
    ir::unite_origins(node_, producer_);
    node_.acc_dtype = extreme ? dtype() : RDU_DTYPE_I32;
    node_.body = extreme ? Program{{{RDU_OP_LOAD, dtype(), 0, 0, 0, {}}}, {0}} : centred();
    node_.epilogue = ir::rewrite(node_.epilogue, [&](const Instr& instr) -> ir::Expand {
      if (instr.op != RDU_OP_ACC) return {};
      return [&, real](std::vector<Instr>& code) { return dequantised(code, extreme, real); };
    });
  }

 private:
  rdu_dtype dtype() const { return variant_.values[x_.value].dtype; }

  bool look_through() {
    Node view = producer_;
    view.reads = {producer_.reads[found_.x]};
    view.body = {{{RDU_OP_LOAD, variant_.values[view.reads[0].value].dtype, 0, 0, 0, {}}}, {0}};
    const auto fused = ir::inline_map(variant_, view, node_, 0);
    if (fused) x_ = fused->reads[0];
    return fused && fused->pattern == RDU_PATTERN_REDUCE && x_.fill_value == kNone;
  }

  // What the operator reads outside loses against every element.
  bool fill_extreme() {
    const bool bytes = dtype() == RDU_DTYPE_U8 || dtype() == RDU_DTYPE_I8;
    const auto& dims = variant_.values[x_.value].dims;
    for (std::size_t i = 0; i < x_.access.size(); ++i) {
      if (!meets_tensor(node_, x_.access[i], dims[i])) return false;
      const bool loses =
          std::isinf(x_.fill.f) && (x_.fill.f < 0) == (node_.combine == RDU_COMBINE_MAX);
      if (x_.access[i].outside == RDU_OUTSIDE_FILL && !loses) return false;
    }
    x_.fill = {0, ir::saturate_to(dtype(), node_.combine == RDU_COMBINE_MAX ? -1e9 : 1e9)};
    return bytes;
  }

  bool fill_sum() {
    if (node_.combine != RDU_COMBINE_ADD || node_.acc_dtype != RDU_DTYPE_F32) return false;
    double points = 1;
    for (std::size_t l = node_.num_parallel; l < node_.loops.size(); ++l) {
      points *= static_cast<double>(node_.loops[l].extent);
    }
    if (points > kMostPoints || x_.fill.f != 0) return false;
    x_.fill = {0, found_.zero_point.constant.i};
    return true;
  }

  Program centred() const {
    return {{{RDU_OP_LOAD, dtype(), 0, 0, 0, {}},
             {RDU_OP_CAST, RDU_DTYPE_I32, 0, 0, 0, {}},
             {RDU_OP_CONST, RDU_DTYPE_I32, 0, 0, 0, found_.zero_point.constant},
             {RDU_OP_SUB, RDU_DTYPE_I32, 1, 2, 0, {}}},
            {3}};
  }

  // (ACC [- z])·s in the dtype that the epilogue had it in.
  std::uint32_t dequantised(std::vector<Instr>& code, bool extreme, rdu_dtype real) const {
    const auto append = [&](Instr instr) {
      code.push_back(instr);
      return static_cast<std::uint32_t>(code.size() - 1);
    };
    std::uint32_t value = append({RDU_OP_ACC, node_.acc_dtype, 0, 0, 0, {}});
    if (extreme) {
      value = append({RDU_OP_CAST, RDU_DTYPE_I32, value, 0, 0, {}});
      const std::uint32_t zero =
          append({RDU_OP_CONST, RDU_DTYPE_I32, 0, 0, 0, found_.zero_point.constant});
      value = append({RDU_OP_SUB, RDU_DTYPE_I32, value, zero, 0, {}});
    }
    value = append({RDU_OP_CAST, RDU_DTYPE_F32, value, 0, 0, {}});
    const std::uint32_t scale =
        append({RDU_OP_CONST, RDU_DTYPE_F32, 0, 0, 0, found_.scale.constant});
    value = append({RDU_OP_MUL, RDU_DTYPE_F32, value, scale, 0, {}});
    return real == RDU_DTYPE_F32 ? value : append({RDU_OP_CAST, real, value, 0, 0, {}});
  }

  const Variant& variant_;
  const Node& producer_;
  Node& node_;
  analysis::Dequantised found_;
  Read x_;
};

}  // namespace

void reduce_integers(Variant& variant) {
  for (std::uint32_t graph = 0; graph < variant.graphs.size(); ++graph) {
    const auto uses = ir::find_uses(variant, graph);
    auto& nodes = variant.graphs[graph].nodes;
    for (Node& node : nodes) {
      if (!passes_on(node)) continue;
      const auto& writers = uses.writers[ir::owner(variant, node.reads[0].value)];
      if (writers.size() != 1 || !ir::is_pointwise(variant, nodes[writers[0]])) continue;
      Rewriter(variant, nodes[writers[0]], node).run();
    }
  }
}

}  // namespace rducc::passes
