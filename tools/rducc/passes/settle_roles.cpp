// Roles from accesses.
#include "tools/rducc/passes/settle_roles.hpp"

#include <algorithm>

namespace rducc::passes {
namespace {

bool moves_with(const rdu::artifact::Access& access, std::uint32_t loop) {
  return std::any_of(access.begin(), access.end(), [loop](const auto& index) {
    return std::any_of(index.terms.begin(), index.terms.end(),
                       [loop](const auto& term) { return term.loop == loop; });
  });
}

void settle(rdu::artifact::Node& node) {
  for (std::uint32_t i = 0; i < node.num_parallel; ++i) {
    const bool in_p = moves_with(node.reads[0].access, i);
    const bool in_q = moves_with(node.reads[1].access, i);
    if (in_p && in_q) {
      node.loops[i].role = RDU_LOOP_BATCH;
    } else if (in_p || in_q) {
      node.loops[i].role = in_p ? RDU_LOOP_M : RDU_LOOP_N;
    }
  }
}

// Scales and zero points may move p and q too: then the importer knows better.
bool reads_two_operands(const rdu::artifact::Node& node) {
  return std::none_of(node.body.code.begin(), node.body.code.end(), [](const auto& instr) {
    return (instr.op == RDU_OP_LOAD || instr.op == RDU_OP_INSIDE) && instr.a > 1;
  });
}

}  // namespace

void settle_roles(rdu::artifact::Variant& variant) {
  for (auto& graph : variant.graphs) {
    for (auto& node : graph.nodes) {
      if (node.pattern == RDU_PATTERN_CONTRACT && reads_two_operands(node)) settle(node);
    }
  }
}

}  // namespace rducc::passes
