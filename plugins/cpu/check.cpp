// Declines what the kernels' tables have no entry for, values that are not dense, and writes of 4-bit elements (two
// tasks would share a byte).
#include "plugins/cpu/check.hpp"

#include "plugins/cpu/access/access.hpp"
#include "plugins/cpu/plan/visit.hpp"

namespace rdu::cpu {
namespace {

using plugin::concat;
using plugin::Graph;

struct Verdict {
  std::uint32_t reason = RDU_REASON_TAKEN;
  std::string words;

  void decline(std::uint32_t why, std::string text) {
    if (reason != RDU_REASON_TAKEN) return;
    reason = why;
    words = std::move(text);
  }
};

bool is_source(std::uint32_t op) { return op <= RDU_OP_ACC || op == RDU_OP_RNG; }

// Is there a kernel for the instruction?
bool has_kernel(const Kernels& kernels, const rdu_instr& in, rdu_dtype operand) {
  if (operand >= RDU_NUM_DTYPES || in.dtype >= RDU_NUM_DTYPES) return false;
  if (in.op == RDU_OP_CAST) {
    return operand == in.dtype || kernels.cast[operand][in.dtype] != nullptr;
  }
  if (in.op == RDU_OP_ISINF) return kernels.isinf[in.imm.i & 3][operand] != nullptr;
  return kernels.op[in.op][operand] != nullptr;
}

void check_program(const Kernels& kernels, const Graph& graph, const rdu_program_code& code,
                   Verdict& verdict) {
  const auto instrs = graph.instrs(code);
  for (const rdu_instr& in : instrs) {
    if (in.op >= RDU_NUM_BODY_OPS) {
      verdict.decline(RDU_REASON_BODY_OP, concat("operation ", in.op));
    } else if (in.op == RDU_OP_RNG && !plugin::is_float(in.dtype)) {
      verdict.decline(RDU_REASON_DTYPE, concat("operation RNG on ", plugin::dtype_name(in.dtype)));
    } else if (!is_source(in.op)) {
      const rdu_dtype operand = instrs[in.op == RDU_OP_SELECT ? in.b : in.a].dtype;
      if (has_kernel(kernels, in, operand)) continue;
      verdict.decline(RDU_REASON_DTYPE, concat("operation ", plugin::op_name(in.op), " on ",
                                               plugin::dtype_name(operand)));
    }
  }
}

bool has_combine(const Kernels& kernels, const rdu_node& node, rdu_dtype body_dtype) {
  if (node.combine >= RDU_NUM_COMBINE_OPS) return false;
  const bool arg =
      node.combine >= RDU_COMBINE_ARGMIN_FIRST && node.combine <= RDU_COMBINE_ARGMAX_LAST;
  if (arg) return kernels.arg[node.combine][body_dtype] != nullptr;
  if (node.acc_dtype >= RDU_NUM_DTYPES) return false;
  return kernels.reduce[node.combine][node.acc_dtype].one.rows != nullptr;
}

void check_combine(const Kernels& kernels, const Graph& graph, const rdu_node& node,
                   Verdict& verdict) {
  const bool reduces = node.pattern == RDU_PATTERN_REDUCE || node.pattern == RDU_PATTERN_CONTRACT ||
                       (node.pattern == RDU_PATTERN_GATHER && node.combine != RDU_COMBINE_NONE);
  if (!reduces) return;
  const rdu_dtype body = graph.instrs(node.body)[graph.results(node.body)[0]].dtype;
  if (has_combine(kernels, node, body)) return;
  verdict.decline(RDU_REASON_COMBINE, concat("combine ", plugin::combine_name(node.combine), " of ",
                                             plugin::dtype_name(node.acc_dtype)));
}

void check_node(const Kernels& kernels, const Graph& graph, const rdu_node& node,
                Verdict& verdict) {
  if (node.pattern >= RDU_NUM_PATTERNS) {
    return verdict.decline(RDU_REASON_PATTERN, concat("pattern ", node.pattern));
  }
  if (node.num_loops > kMaxLoops) {
    return verdict.decline(RDU_REASON_RANK, concat(node.num_loops, " loops"));
  }
  visit_reads(graph, node, [&](std::uint32_t v) {
    if (graph.value(v).encoding == RDU_NONE) return;
    verdict.decline(RDU_REASON_ENCODING, concat("value '", graph.value(v).name, "' is not dense"));
  });
  visit_writes(graph, node, [&](std::uint32_t v) {
    if (plugin::dtype_bits(graph.value(v).dtype) >= 8) return;
    verdict.decline(RDU_REASON_DTYPE,
                    concat("value '", graph.value(v).name, "' of ",
                           plugin::dtype_name(graph.value(v).dtype), " is written"));
  });
  check_program(kernels, graph, node.body, verdict);
  check_program(kernels, graph, node.epilogue, verdict);
  if (verdict.reason == RDU_REASON_TAKEN) check_combine(kernels, graph, node, verdict);
}

}  // namespace

std::uint32_t check_section(const Kernels& kernels, Graph graph, std::uint32_t section,
                            std::string& detail) {
  for (const rdu_node& outer : graph.nodes(graph.sections()[section])) {
    Verdict verdict;
    const char* name = outer.name;
    visit_nested(graph, outer, [&](const rdu_node& node) {
      if (verdict.reason != RDU_REASON_TAKEN) return;
      check_node(kernels, graph, node, verdict);
      name = node.name;
    });
    if (verdict.reason == RDU_REASON_TAKEN) continue;
    detail = concat("node '", name, "': ", verdict.words);
    return verdict.reason;
  }
  return RDU_REASON_TAKEN;
}

}  // namespace rdu::cpu
