// Why a node is declined: the first rule that it breaks, with the place and the value seen.
#include "judge.hpp"

#include "vector_ops.hpp"

namespace mapper {
namespace {

namespace plugin = rdu::plugin;

// Collects the first objection; further ones are ignored.
class Verdict {
 public:
  Verdict(const rdu_node& node, std::string& detail) : node_(node), detail_(detail) {}

  template <class... Parts>
  void object(std::uint32_t reason, const Parts&... parts) {
    if (reason_ != RDU_REASON_TAKEN) return;
    reason_ = reason;
    detail_ = plugin::concat("node '", node_.name, "': ", parts...);
  }
  std::uint32_t reason() const { return reason_; }

 private:
  const rdu_node& node_;
  std::string& detail_;
  std::uint32_t reason_ = RDU_REASON_TAKEN;
};

void judge_value(const rdu_value& value, Verdict& verdict) {
  if (value.dtype != RDU_DTYPE_F32) {
    verdict.object(RDU_REASON_DTYPE, "value '", value.name, "' is ",
                   plugin::dtype_name(value.dtype), ", only f32 is implemented");
  }
  if (value.encoding != RDU_NONE) {
    verdict.object(RDU_REASON_ENCODING, "value '", value.name, "' is not stored densely");
  }
}

template <class Access>
void judge_access(plugin::Graph graph, const Access& access, Verdict& verdict) {
  const rdu_value& value = graph.value(access.value);
  judge_value(value, verdict);
  for (const rdu_index& index : graph.indices(access)) {
    if (index.div != 1 || index.mod != 0) {
      verdict.object(RDU_REASON_ACCESS, "'", value.name, "' is accessed with div ", index.div,
                     " and mod ", index.mod);
    }
    if (index.source != RDU_NONE) {
      verdict.object(RDU_REASON_ACCESS, "'", value.name, "' is indexed by '",
                     graph.value(index.source).name, "'");
    }
    if (index.outside != RDU_OUTSIDE_NEVER) {
      verdict.object(RDU_REASON_ACCESS, "'", value.name, "' may be accessed outside its bounds");
    }
  }
}

void judge_instr(const rdu_instr& instr, Verdict& verdict) {
  const bool known =
      instr.op == RDU_OP_LOAD || instr.op == RDU_OP_CONST || find_vector_op(instr.op) != nullptr;
  if (!known) verdict.object(RDU_REASON_BODY_OP, plugin::op_name(instr.op), " is not implemented");
  if (instr.dtype != RDU_DTYPE_F32) {
    verdict.object(RDU_REASON_DTYPE, plugin::op_name(instr.op), " yields ",
                   plugin::dtype_name(instr.dtype), ", only f32 is implemented");
  }
}

}  // namespace

std::uint32_t judge(plugin::Graph graph, const rdu_node& node, std::string& detail) {
  Verdict verdict(node, detail);
  if (node.pattern != RDU_PATTERN_MAP) {
    verdict.object(RDU_REASON_PATTERN, plugin::pattern_name(node.pattern),
                   ", only MAP is implemented");
    return verdict.reason();
  }
  for (const rdu_loop& loop : graph.loops(node)) {
    if (loop.extent_value != RDU_NONE) {
      verdict.object(RDU_REASON_BOUNDED_EXTENT, "a loop's extent is known only at run time");
    }
  }
  for (const rdu_read& read : graph.reads(node)) judge_access(graph, read, verdict);
  for (const rdu_instr& instr : graph.instrs(node.body)) judge_instr(instr, verdict);
  for (const rdu_write& write : graph.writes(node)) judge_access(graph, write, verdict);
  return verdict.reason();
}

}  // namespace mapper
