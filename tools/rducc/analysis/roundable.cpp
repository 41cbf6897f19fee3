// Rules out what has to stay exact, then follows statistics from the reductions that make them.
#include "tools/rducc/analysis/roundable.hpp"

#include <algorithm>

#include "tools/rducc/ir/program.hpp"
#include "tools/rducc/ir/rewrite.hpp"

namespace rducc::analysis {
namespace {

using rdu::artifact::Instr;
using rdu::artifact::kNone;
using rdu::artifact::Node;
using rdu::artifact::Program;
using rdu::artifact::Value;
using rdu::artifact::ValueId;
using rdu::artifact::Variant;

bool computes_by_loops(const Node& node) {
  return node.pattern == RDU_PATTERN_MAP || node.pattern == RDU_PATTERN_GATHER ||
         node.pattern == RDU_PATTERN_REDUCE || node.pattern == RDU_PATTERN_CONTRACT;
}

bool selects(const Node& node) {
  return node.combine == RDU_COMBINE_MIN || node.combine == RDU_COMBINE_MAX;
}

// Biases, scales and the like: they are added and multiplied once for each result, and are few.
bool is_vector(const Value& value) {
  return std::count_if(value.dims.begin(), value.dims.end(),
                       [](std::int64_t extent) { return extent > 1; }) < 2;
}

class Finder {
 public:
  Finder(const Variant& variant, const std::vector<std::vector<bool>>& narrow)
      : variant_(variant),
        narrow_(narrow),
        exact_(variant.values.size()),
        statistic_(variant.values.size()) {}

  std::vector<bool> run() {
    for (ValueId id = 0; id < exact_.size(); ++id) note_value(id);
    for (std::size_t g = 0; g < variant_.graphs.size(); ++g) {
      const auto& graph = variant_.graphs[g];
      for (const ValueId output : graph.outputs) keep(output);
      for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
        note_node(graph.nodes[n], narrow_[g][n]);
      }
    }
    for (const auto& graph : variant_.graphs) {
      for (const Node& node : graph.nodes) follow(node);
    }
    std::vector<bool> found(exact_.size());
    for (ValueId id = 0; id < found.size(); ++id) {
      const ValueId storage = ir::owner(variant_, id);
      found[id] = !exact_[storage] && !statistic_[storage];
    }
    return found;
  }

 private:
  void keep(ValueId id) {
    if (id != kNone) exact_[ir::owner(variant_, id)] = true;
  }

  void note_value(ValueId id) {
    const Value& value = variant_.values[id];
    const bool parameter = value.role == RDU_ROLE_PARAMETER || value.role == RDU_ROLE_CONSTANT;
    const bool stream = value.role == RDU_ROLE_INTERMEDIATE;
    if (value.dtype != RDU_DTYPE_F32 || value.encoding != RDU_NONE || (!parameter && !stream) ||
        (parameter && is_vector(value))) {
      keep(id);
    }
  }

  void note_node(const Node& node, bool narrow) {
    if (!computes_by_loops(node)) {
      ir::for_each_read(node, [&](ValueId id) { keep(id); });
      ir::for_each_write(node, [&](ValueId id) { keep(id); });
      return;
    }
    for (const auto& read : node.reads) keep(read.fill_value);
    if (node.pattern == RDU_PATTERN_CONTRACT && !narrow) {
      for (std::size_t i = 0; i < 2; ++i) keep(node.reads[i].value);
    }
    keep_exponents(node, node.body);
    keep_exponents(node, node.epilogue);
    const Program& last = node.epilogue.results.empty() ? node.body : node.epilogue;
    for (std::size_t i = 0; i < node.writes.size() && i < last.results.size(); ++i) {
      if (last.code[last.results[i]].op == RDU_OP_EXP) keep(node.writes[i].value);
    }
  }

  // Whatever is loaded on the way to an EXP: an error there grows with the exponent.
  void keep_exponents(const Node& node, const Program& program) {
    std::vector<bool> leads(program.code.size());
    for (std::size_t i = program.code.size(); i-- > 0;) {
      Instr instr = program.code[i];
      if (leads[i] && instr.op == RDU_OP_LOAD) keep(node.reads[instr.a].value);
      if (!leads[i] && instr.op != RDU_OP_EXP) continue;
      ir::for_each_operand(instr, [&](std::uint32_t& operand) { leads[operand] = true; });
    }
  }

  // Statistics are what other reductions yield, and what is made of nothing but statistics and constants.
  void follow(const Node& node) {
    bool made =
        node.pattern != RDU_PATTERN_CONTRACT && node.combine != RDU_COMBINE_NONE && !selects(node);
    if (node.pattern != RDU_PATTERN_CONTRACT) made |= reads_statistics_only(node);
    if (!made) return;
    ir::for_each_write(node, [&](ValueId id) { statistic_[ir::owner(variant_, id)] = true; });
  }

  bool reads_statistics_only(const Node& node) const {
    bool any = false;
    for (const auto& read : node.reads) {
      const ValueId id = ir::owner(variant_, read.value);
      if (variant_.values[id].dtype != RDU_DTYPE_F32 || ir::is_constant(variant_, id)) continue;
      if (!statistic_[id]) return false;
      any = true;
    }
    return any;
  }

  const Variant& variant_;
  const std::vector<std::vector<bool>>& narrow_;
  std::vector<bool> exact_, statistic_;  // by owner
};

}  // namespace

std::vector<bool> roundable_values(const Variant& variant,
                                   const std::vector<std::vector<bool>>& narrow) {
  return Finder(variant, narrow).run();
}

}  // namespace rducc::analysis
