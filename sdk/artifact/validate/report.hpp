// How a broken rule is told: where, what, the value seen, and the number of the rule.
#pragma once

#include "sdk/artifact/ops.hpp"
#include "sdk/artifact/view.hpp"
#include "sdk/base/result.hpp"

namespace rdu::artifact {

// "… [rule]", kCorrupt.
[[nodiscard, gnu::format(printf, 2, 3)]] base::Error broken(const char* rule, const char* pattern,
                                                            ...);

// The node that is being checked, with its ranges of the arrays (in range once G1 has been checked).
struct NodeScope {
  const rdu_graph& graph;
  std::uint32_t number;
  const rdu_node& node;

  Slice<rdu_loop> loops() const {
    return slice<rdu_loop>(graph.loops, node.first_loop, node.num_loops);
  }
  Slice<rdu_read> reads() const {
    return slice<rdu_read>(graph.reads, node.first_read, node.num_reads);
  }
  Slice<rdu_write> writes() const {
    return slice<rdu_write>(graph.writes, node.first_write, node.num_writes);
  }
  Slice<rdu_port> ports() const {
    return slice<rdu_port>(graph.ports, node.first_port, node.num_ports);
  }
  const rdu_value& value(std::uint32_t id) const { return at<rdu_value>(graph.values, id); }

  // `node 3 "conv" (contract): … [rule]`
  [[nodiscard, gnu::format(printf, 3, 4)]] base::Error broken(const char* rule, const char* pattern,
                                                              ...) const;
};

inline bool is_constant(const rdu_value& value) {
  return value.role == RDU_ROLE_CONSTANT || value.role == RDU_ROLE_PARAMETER;
}

inline bool is_scalar_of(const rdu_value& value, rdu_dtype dtype) {
  return value.rank == 0 && value.dtype == dtype;
}

// A reduction in the sense of patterns.md: its body's result is combined and its epilogue written.
inline bool reduces(const rdu_node& node) {
  return node.pattern == RDU_PATTERN_REDUCE || node.pattern == RDU_PATTERN_CONTRACT ||
         (node.pattern == RDU_PATTERN_GATHER && node.combine != RDU_COMBINE_NONE);
}

inline bool writes_whole_values(const rdu_node& node) {
  return node.pattern == RDU_PATTERN_FILTER || node.pattern == RDU_PATTERN_SORT ||
         node.pattern == RDU_PATTERN_SCAN || node.pattern == RDU_PATTERN_CONTROL;
}

inline bool yields_position(std::uint32_t combine) {
  return combine >= RDU_COMBINE_ARGMIN_FIRST && combine <= RDU_COMBINE_ARGMAX_LAST;
}

}  // namespace rdu::artifact
