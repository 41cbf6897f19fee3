// The only things declined: what a newer compiler may have appended to the lists, and values that are not dense.
#include "plugins/reference/check.hpp"

#include <rdu/plugin.hpp>

#include "plugins/reference/arithmetic.hpp"
#include "plugins/reference/visit.hpp"

namespace rdu::reference {
namespace {

using plugin::concat;

std::uint32_t check_program(const plugin::Graph& graph, const rdu_program_code& code,
                            std::string& detail) {
  const auto instrs = graph.instrs(code);
  for (const rdu_instr& instr : instrs) {
    if (instr.op >= RDU_NUM_BODY_OPS) {
      detail = concat("operation ", instr.op);
      return RDU_REASON_BODY_OP;
    }
    const bool judged_by_operand = instr.op == RDU_OP_ISNAN || instr.op == RDU_OP_ISINF;
    const rdu_dtype dtype = judged_by_operand ? instrs[instr.a].dtype : instr.dtype;
    if (dtype == RDU_DTYPE_NONE || dtype >= RDU_NUM_DTYPES ||
        !defined_on(instr.op, kind_of(dtype))) {
      detail = concat("operation ", plugin::op_name(instr.op), " on ", plugin::dtype_name(dtype));
      return RDU_REASON_DTYPE;
    }
  }
  return RDU_REASON_TAKEN;
}

std::uint32_t check_node(const plugin::Graph& graph, const rdu_node& node, std::string& detail) {
  if (node.pattern >= RDU_NUM_PATTERNS) {
    detail = concat("pattern ", node.pattern);
    return RDU_REASON_PATTERN;
  }
  if (node.combine >= RDU_NUM_COMBINE_OPS) {
    detail = concat("combine ", node.combine);
    return RDU_REASON_COMBINE;
  }
  std::uint32_t reason = RDU_REASON_TAKEN;
  for_each_read(graph, node, [&](std::uint32_t v) {
    if (graph.value(v).encoding == RDU_NONE) return;
    detail = concat("value '", graph.value(v).name, "' is not dense");
    reason = RDU_REASON_ENCODING;
  });
  if (reason == RDU_REASON_TAKEN) reason = check_program(graph, node.body, detail);
  if (reason == RDU_REASON_TAKEN) reason = check_program(graph, node.epilogue, detail);
  return reason;
}

}  // namespace

std::uint32_t check_section(const plugin::Graph& graph, std::uint32_t section,
                            std::string& detail) {
  const rdu_section& range = graph.sections()[section];
  for (const std::uint32_t n : reachable(graph, range.first_node, range.end_node).nodes) {
    const rdu_node& node = graph.nodes()[n];
    std::string words;
    const std::uint32_t reason = check_node(graph, node, words);
    if (reason == RDU_REASON_TAKEN) continue;
    detail = concat("node '", node.name, "': ", words);
    return reason;
  }
  return RDU_REASON_TAKEN;
}

}  // namespace rdu::reference
