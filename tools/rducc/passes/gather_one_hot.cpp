// Puts the map that makes ones and zeros into the contraction that reads it, and looks whether a row is picked.
#include "tools/rducc/passes/gather_one_hot.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "tools/rducc/ir/compose.hpp"
#include "tools/rducc/ir/element.hpp"
#include "tools/rducc/ir/inline_map.hpp"
#include "tools/rducc/ir/program.hpp"
#include "tools/rducc/ir/rewrite.hpp"

namespace rducc::passes {
namespace {

using rdu::artifact::Access;
using rdu::artifact::Index;
using rdu::artifact::Instr;
using rdu::artifact::kNone;
using rdu::artifact::Node;
using rdu::artifact::Read;
using rdu::artifact::Value;
using rdu::artifact::Variant;

// Numbers of reads.
struct Picked {
  std::uint32_t classes = 0, rows = 0;
};

bool is_direct(const Access& access) {
  return std::all_of(access.begin(), access.end(), [](const Index& index) {
    return index.source == kNone && index.outside == RDU_OUTSIDE_NEVER && !index.exact;
  });
}

bool moves_with(const Access& access, std::uint32_t loop) {
  return std::any_of(access.begin(), access.end(), [&](const Index& index) {
    return std::any_of(index.terms.begin(), index.terms.end(),
                       [&](const auto& term) { return term.loop == loop; });
  });
}

// A contraction with one loop of sums, maps already inside.
class OneHot {
 public:
  OneHot(const Variant& variant, const Node& node)
      : variant_(variant), node_(node), loop_(node.num_parallel) {}

  std::optional<Picked> match(std::size_t hot) const {
    const bool plain = node_.loops.size() == loop_ + 1u && node_.acc_dtype == RDU_DTYPE_F32 &&
                       node_.loops[loop_].extent_value == kNone;
    if (!plain) return {};
    const Instr& ones = code(node_.body.results[hot]);
    if (ones.op != RDU_OP_CAST || ones.dtype != RDU_DTYPE_F32) return {};
    const Instr& equal = code(ones.a);
    const Instr& row = code(node_.body.results[1 - hot]);
    if (equal.op != RDU_OP_EQ || row.op != RDU_OP_LOAD || !has_rows(node_.reads[row.a])) return {};
    for (const auto& [left, right] : {std::pair(equal.a, equal.b), std::pair(equal.b, equal.a)}) {
      const Instr& classes = code(left);
      const bool found = classes.op == RDU_OP_LOAD && counts(right) && is_class(classes.a);
      if (found) return Picked{classes.a, row.a};
    }
    return {};
  }

  Node gather(const Picked& picked) const {
    Node made = node_;
    made.pattern = RDU_PATTERN_GATHER;
    made.loops.resize(made.num_parallel);
    for (auto& loop : made.loops) loop.role = RDU_LOOP_PLAIN;
    Read& rows = made.reads[picked.rows];
    rows.fill = {};
    for (Index& index : rows.access) {
      if (ir::as_single_loop(index) != loop_) continue;
      index.terms.clear();
      index.outside = RDU_OUTSIDE_FILL;
      index.source = node_.reads[picked.classes].value;
      index.source_access = node_.reads[picked.classes].access;
    }
    made.body = ir::rewrite(made.epilogue, [&](const Instr& instr) -> ir::Expand {
      if (instr.op != RDU_OP_ACC) return {};
      return [&](std::vector<Instr>& code) {
        code.push_back({RDU_OP_LOAD, RDU_DTYPE_F32, picked.rows, 0, 0, {}});
        return static_cast<std::uint32_t>(code.size() - 1);
      };
    });
    made.epilogue = {};
    made.combine = RDU_COMBINE_NONE;
    made.acc_dtype = RDU_DTYPE_NONE;
    ir::compact_reads(made);
    return made;
  }

 private:
  const Instr& code(std::uint32_t reg) const { return node_.body.code[reg]; }
  const Value& owner(const Read& read) const {
    return variant_.values[ir::owner(variant_, read.value)];
  }

  bool is_class(std::uint32_t number) const {
    const Read& read = node_.reads[number];
    const rdu_dtype dtype = variant_.values[read.value].dtype;
    return (dtype == RDU_DTYPE_I32 || dtype == RDU_DTYPE_I64) && is_direct(read.access) &&
           !moves_with(read.access, loop_);
  }

  // Does the register count the steps of the sum: 0, 1, 2, ...?
  bool counts(std::uint32_t reg) const {
    const Instr& instr = code(reg);
    if (instr.op == RDU_OP_CAST && (instr.dtype == RDU_DTYPE_I32 || instr.dtype == RDU_DTYPE_I64)) {
      return counts(instr.a);
    }
    if (instr.op == RDU_OP_INDEX) return instr.a == loop_;
    return instr.op == RDU_OP_LOAD && holds_count(node_.reads[instr.a]);
  }

  bool holds_count(const Read& read) const {
    const Value& value = variant_.values[read.value];
    const bool integers = value.dtype == RDU_DTYPE_I32 || value.dtype == RDU_DTYPE_I64;
    if (!integers || !ir::is_constant(variant_, read.value) || !is_direct(read.access))
      return false;
    std::int64_t stride = 1, first = 0, step = 0;
    for (std::size_t d = value.dims.size(); d-- > 0; stride *= value.dims[d]) {
      if (value.dims[d] == 1) continue;
      const Index& index = read.access[d];
      const bool fixed = index.terms.empty() && index.div == 1 && index.mod == 0;
      if (!fixed && ir::as_single_loop(index) != loop_) return false;
      (fixed ? first : step) += (fixed ? index.offset : 1) * stride;
    }
    for (std::int64_t i = 0; i < node_.loops[loop_].extent; ++i) {
      const auto at = static_cast<std::size_t>(first + i * step);
      if (ir::load_element(owner(read).data.bytes, value.dtype, at).i != i) return false;
    }
    return true;
  }

  // One dimension is walked by the sum, from its first row to its last; and zeros times the rest add nothing.
  bool has_rows(const Read& read) const {
    const Value& value = variant_.values[read.value];
    if (value.dtype != RDU_DTYPE_F32 || !ir::is_constant(variant_, read.value) ||
        !is_direct(read.access)) {
      return false;
    }
    std::size_t walked = 0;
    for (std::size_t d = 0; d < read.access.size(); ++d) {
      if (!moves_with({read.access[d]}, loop_)) continue;
      const bool whole =
          ir::as_single_loop(read.access[d]) == loop_ && value.dims[d] == node_.loops[loop_].extent;
      if (!whole || ++walked != 1) return false;
    }
    const auto bytes = owner(read).data.bytes;
    for (std::size_t i = 0; i < bytes.size() / sizeof(float); ++i) {
      const double element = ir::load_element(bytes, RDU_DTYPE_F32, i).f;
      if (!std::isfinite(element) || (element == 0 && std::signbit(element))) return false;
    }
    return walked == 1;
  }

  const Variant& variant_;
  const Node& node_;
  const std::uint32_t loop_;
};

std::optional<Node> as_gather(const Variant& variant, const ir::UseMap& uses,
                              const std::vector<Node>& nodes, const Node& node) {
  for (std::uint32_t operand = 0; operand < 2; ++operand) {
    const auto& writers = uses.writers[ir::owner(variant, node.reads[operand].value)];
    if (writers.size() != 1 || !ir::is_pointwise(variant, nodes[writers[0]])) continue;
    const auto fused = ir::inline_map(variant, nodes[writers[0]], node, operand);
    if (!fused || fused->pattern != RDU_PATTERN_CONTRACT) continue;
    const OneHot one_hot(variant, *fused);
    if (const auto picked = one_hot.match(operand)) {
      Node made = one_hot.gather(*picked);
      ir::unite_origins(made, nodes[writers[0]]);
      return made;
    }
  }
  return {};
}

}  // namespace

void gather_one_hot(Variant& variant) {
  for (std::uint32_t graph = 0; graph < variant.graphs.size(); ++graph) {
    const auto uses = ir::find_uses(variant, graph);
    auto& nodes = variant.graphs[graph].nodes;
    for (Node& node : nodes) {
      if (node.pattern != RDU_PATTERN_CONTRACT || node.reads.size() < 2) continue;
      if (auto made = as_gather(variant, uses, nodes, node)) node = *std::move(made);
    }
  }
}

}  // namespace rducc::passes
