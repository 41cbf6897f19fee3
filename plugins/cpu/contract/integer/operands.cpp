// Recognises cast(x, I32) - zero point.
#include "plugins/cpu/contract/integer/operands.hpp"

namespace rdu::cpu {
namespace {

using Instrs = plugin::View<rdu_instr>;

bool is_small(rdu_dtype dtype) {
  return dtype == RDU_DTYPE_U8 || dtype == RDU_DTYPE_I8 || dtype == RDU_DTYPE_U4 ||
         dtype == RDU_DTYPE_I4;
}

std::uint32_t through_cast(const Instrs& code, std::uint32_t reg) {
  return code[reg].op == RDU_OP_CAST && code[reg].dtype == RDU_DTYPE_I32 ? code[reg].a : reg;
}

std::optional<ZeroPoint> zero_point(const Instrs& code, std::uint32_t reg) {
  if (code[reg].op == RDU_OP_CONST) {
    return ZeroPoint{static_cast<std::int32_t>(code[reg].imm.i), RDU_NONE};
  }
  const rdu_instr& in = code[through_cast(code, reg)];
  const bool loads = in.op == RDU_OP_LOAD && (is_small(in.dtype) || in.dtype == RDU_DTYPE_I32);
  return loads ? std::optional(ZeroPoint{0, in.a}) : std::nullopt;
}

std::optional<IntegerOperand> operand(const Instrs& code, std::uint32_t reg) {
  IntegerOperand found;
  const rdu_instr& last = code[reg];
  if (last.op == RDU_OP_SUB && last.dtype == RDU_DTYPE_I32) {
    const auto zero = zero_point(code, last.b);
    if (!zero) return {};
    found.zero = *zero;
    reg = last.a;
  }
  const rdu_instr& x = code[through_cast(code, reg)];
  if (x.op != RDU_OP_LOAD || !is_small(x.dtype)) return {};
  found.read = x.a;
  return found;
}

}  // namespace

std::optional<IntegerOperands> integer_operands(const BuildContext& context, const rdu_node& node) {
  if (node.acc_dtype != RDU_DTYPE_I32 || context.graph.writes(node).size() != 1) return {};
  for (const rdu_loop& loop : context.graph.loops(node)) {
    if (loop.extent_value != RDU_NONE || loop.extent == 0) return {};
  }
  const Instrs code = context.graph.instrs(node.body);
  const auto results = context.graph.results(node.body);
  const auto first = operand(code, results[0]), second = operand(code, results[1]);
  if (!first || !second) return {};
  return IntegerOperands{*first, *second};
}

}  // namespace rdu::cpu
