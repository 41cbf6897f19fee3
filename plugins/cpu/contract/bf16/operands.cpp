// Looks for contracts of BF16, or of floats that are stored or read as BF16.
#include "plugins/cpu/contract/bf16/operands.hpp"

namespace rdu::cpu {
namespace {

bool is_float(rdu_dtype dtype) { return dtype == RDU_DTYPE_F32 || dtype == RDU_DTYPE_BF16; }

// The read that a result of the body passes on, RDU_NONE if it does anything else.
std::uint32_t passed_read(plugin::View<rdu_instr> code, std::uint32_t reg) {
  if (!is_float(code[reg].dtype)) return RDU_NONE;
  if (code[reg].op == RDU_OP_CAST) reg = code[reg].a;
  return code[reg].op == RDU_OP_LOAD ? code[reg].a : RDU_NONE;
}

}  // namespace

std::optional<NarrowOperands> narrow_operands(const BuildContext& context, const rdu_node& node) {
  const auto code = context.graph.instrs(node.body);
  const auto results = context.graph.results(node.body);
  const auto writes = context.graph.writes(node);
  if (node.acc_dtype != RDU_DTYPE_F32 || writes.size() != 1 || node.num_parallel == 0) return {};
  for (const rdu_loop& loop : context.graph.loops(node)) {
    if (loop.extent == 0 || loop.extent_value != RDU_NONE) return {};
  }
  const std::uint32_t p = passed_read(code, results[0]), q = passed_read(code, results[1]);
  if (p == RDU_NONE || q == RDU_NONE) return {};
  NodeScope scope = scope_of(context, node);
  scope.as_plain = true;
  NarrowOperands found{{p, q, lower_read(scope, context.graph.reads(node)[p]),
                        lower_read(scope, context.graph.reads(node)[q]),
                        lower_write(scope, writes[0])}};
  const rdu_dtype first = found.places.first.dtype, second = found.places.second.dtype,
                  result = found.places.result.dtype;
  if (!is_float(first) || !is_float(second) || !is_float(result)) return {};
  const auto meets_narrow = [&](std::size_t i, rdu_dtype stored) {
    return stored == RDU_DTYPE_BF16 || code[results[i]].dtype == RDU_DTYPE_BF16;
  };
  found.narrow = meets_narrow(0, first) && meets_narrow(1, second);
  // A float that is rounded before it meets a float that is not has no step here.
  for (std::size_t i = 0; i < 2 && !found.narrow; ++i) {
    const bool rounds =
        (i == 0 ? first : second) == RDU_DTYPE_F32 && code[results[i]].dtype == RDU_DTYPE_BF16;
    if (rounds) return {};
  }
  const bool any = found.narrow || first == RDU_DTYPE_BF16 || second == RDU_DTYPE_BF16 ||
                   result == RDU_DTYPE_BF16;
  if (!any || !found.places.result.affine()) return {};
  return found;
}

}  // namespace rdu::cpu
