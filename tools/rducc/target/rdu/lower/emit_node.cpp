// The kernel for a node's pattern.
#include "tools/rducc/target/rdu/lower/decline.hpp"
#include "tools/rducc/target/rdu/lower/kernels.hpp"
#include "tools/rducc/target/rdu/lower/words.hpp"

namespace rducc::rdu::lower {
namespace {

const char* pattern_name(rdu_pattern pattern) {
  static constexpr const char* kNames[] = {
#define X(name, number) #name,
      RDU_PATTERNS(X)
#undef X
  };
  return kNames[pattern];
}

}  // namespace

void emit_node(Emitter& emitter, const artifact::Variant& variant, const artifact::Node& node) {
  const auto nest = [&] {
    if (node.acc_dtype != RDU_DTYPE_NONE) require_dtype(node.acc_dtype);
    return make_nest(variant, node);
  };
  switch (node.pattern) {
    case RDU_PATTERN_MAP:
      return emit_map(emitter, node, nest());
    case RDU_PATTERN_GATHER:
      return node.combine == RDU_COMBINE_NONE ? emit_map(emitter, node, nest())
                                              : emit_reduce(emitter, node, nest());
    case RDU_PATTERN_REDUCE:
      return emit_reduce(emitter, node, nest());
    case RDU_PATTERN_CONTRACT:
      return emit_contract(emitter, node, nest());
    default:
      decline(RDU_REASON_PATTERN, pattern_name(node.pattern));
  }
}

}  // namespace rducc::rdu::lower
