// LOAD of a known scalar becomes CONST, and so does what is computed from constants alone.
#include "tools/rducc/passes/inline_scalars.hpp"

#include <algorithm>

#include "tools/rducc/analysis/access_shape.hpp"
#include "tools/rducc/analysis/scalar_ops.hpp"
#include "tools/rducc/ir/element.hpp"
#include "tools/rducc/ir/inline_map.hpp"
#include "tools/rducc/ir/program.hpp"
#include "tools/rducc/ir/rewrite.hpp"
#include "tools/rducc/ir/tensor.hpp"

namespace rducc::passes {
namespace {

using rdu::artifact::Instr;
using rdu::artifact::Node;
using rdu::artifact::Program;
using rdu::artifact::Variant;

bool is_known_scalar(const Variant& variant, const rdu::artifact::Read& read) {
  const auto& value = variant.values[read.value];
  return ir::is_constant(variant, read.value) && value.encoding == RDU_NONE &&
         ir::num_elements(value.dims) == 1 && analysis::is_plain(read.access);
}

void inline_into(const Variant& variant, const Node& node, std::uint32_t first, Program& program) {
  for (Instr& instr : program.code) {
    if (instr.op != RDU_OP_LOAD || instr.a < first) continue;
    const auto& read = node.reads[instr.a];
    if (!is_known_scalar(variant, read)) continue;
    const auto& data = variant.values[ir::owner(variant, read.value)].data;
    instr = {RDU_OP_CONST, instr.dtype, 0, 0, 0, ir::load_element(data.bytes, instr.dtype, 0)};
  }
}

bool is_function_of_operands(rdu_body_op op) { return op >= RDU_OP_CAST && op != RDU_OP_RNG; }

void compute_constants(Program& program) {
  auto& code = program.code;
  for (Instr& instr : code) {
    if (!is_function_of_operands(instr.op)) continue;
    bool known = true;
    ir::for_each_operand(
        instr, [&](std::uint32_t& operand) { known = known && code[operand].op == RDU_OP_CONST; });
    if (!known) continue;
    const rdu_dtype operand = code[instr.op == RDU_OP_SELECT ? instr.b : instr.a].dtype;
    const auto value =
        analysis::apply(instr, operand, code[instr.a].imm, code[instr.b].imm, code[instr.c].imm);
    instr = {RDU_OP_CONST, instr.dtype, 0, 0, 0, value};
  }
}

}  // namespace

void inline_scalars(Variant& variant) {
  for (auto& graph : variant.graphs) {
    for (Node& node : graph.nodes) {
      if (node.body.code.empty()) continue;
      const std::uint32_t first = node.pattern == RDU_PATTERN_CONTRACT ? 2 : 0;
      inline_into(variant, node, first, node.body);
      inline_into(variant, node, first, node.epilogue);
      compute_constants(node.body);
      compute_constants(node.epilogue);
      ir::compact_reads(node);
    }
  }
}

}  // namespace rducc::passes
