// Looks for contracts of plain floats.
#include "plugins/cpu/contract/operands.hpp"

namespace rdu::cpu {

std::uint32_t bounded_loops(const BuildContext& context, const rdu_node& node) {
  std::uint32_t bounded = 0, number = 0;
  for (const rdu_loop& loop : context.graph.loops(node)) {
    if (loop.extent_value != RDU_NONE) bounded |= 1u << number;
    ++number;
  }
  return bounded;
}

std::optional<Operands> plain_operands(const BuildContext& context, const rdu_node& node) {
  const auto code = context.graph.instrs(node.body);
  const auto results = context.graph.results(node.body);
  const auto writes = context.graph.writes(node);
  if (node.acc_dtype != RDU_DTYPE_F32 || writes.size() != 1 || node.num_parallel == 0) return {};
  for (const rdu_loop& loop : context.graph.loops(node)) {
    if (loop.extent == 0) return {};
  }
  const rdu_instr &p = code[results[0]], &q = code[results[1]];
  if (p.op != RDU_OP_LOAD || q.op != RDU_OP_LOAD) return {};
  NodeScope scope = scope_of(context, node);
  scope.as_plain = true;
  Operands operands{p.a, q.a, lower_read(scope, context.graph.reads(node)[p.a]),
                    lower_read(scope, context.graph.reads(node)[q.a]),
                    lower_write(scope, writes[0])};
  const bool floats = operands.first.dtype == RDU_DTYPE_F32 &&
                      operands.second.dtype == RDU_DTYPE_F32 &&
                      operands.result.dtype == RDU_DTYPE_F32;
  if (!floats || !operands.result.affine()) return {};
  return operands;
}

}  // namespace rdu::cpu
