// Peels the epilogue from its result to the accumulator.
#include "plugins/cpu/contract/sum_epilogue.hpp"

namespace rdu::cpu {

std::optional<SumEpilogue> match_sum_epilogue(const BuildContext& context, const rdu_node& node) {
  SumEpilogue sum;
  if (node.epilogue.num_results == 0) return sum;
  if (node.epilogue.num_results != 1) return {};
  const auto code = context.graph.instrs(node.epilogue);
  for (const rdu_instr& in : code) {
    if (in.dtype != RDU_DTYPE_F32) return {};
  }
  std::uint32_t reg = context.graph.results(node.epilogue)[0];
  if (!peel_clamps(code, reg, sum.post)) return {};
  while (code[reg].op == RDU_OP_ADD) {
    const rdu_instr& in = code[reg];
    const bool flipped = code[in.a].op == RDU_OP_LOAD;
    const rdu_instr& load = code[flipped ? in.a : in.b];
    if (load.op != RDU_OP_LOAD || sum.num_reads == 2) return {};
    const rdu_read& read = context.graph.reads(node)[load.a];
    if (context.graph.value(read.value).dtype != RDU_DTYPE_F32) return {};
    sum.reads[sum.num_reads++] = load.a;
    reg = flipped ? in.b : in.a;
  }
  return code[reg].op == RDU_OP_ACC ? std::optional(sum) : std::nullopt;
}

}  // namespace rdu::cpu
