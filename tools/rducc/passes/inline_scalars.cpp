// LOAD of a known scalar becomes CONST.
#include "tools/rducc/passes/inline_scalars.hpp"

#include <algorithm>

#include "tools/rducc/analysis/access_shape.hpp"
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

}  // namespace

void inline_scalars(Variant& variant) {
  for (auto& graph : variant.graphs) {
    for (Node& node : graph.nodes) {
      if (node.body.code.empty()) continue;
      const std::uint32_t first = node.pattern == RDU_PATTERN_CONTRACT ? 2 : 0;
      inline_into(variant, node, first, node.body);
      inline_into(variant, node, first, node.epilogue);
      ir::compact_reads(node);
    }
  }
}

}  // namespace rducc::passes
