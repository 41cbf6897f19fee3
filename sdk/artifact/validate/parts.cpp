// The parts of nodes and the types of what they yield.
#include "sdk/artifact/validate/parts.hpp"

#include "sdk/base/dtype.hpp"

namespace rdu::artifact {

base::Result<void> require_absent(const NodeScope& scope, const char* rule, std::uint32_t parts) {
  const rdu_node& node = scope.node;
  const auto has_program = [](const rdu_program_code& code) {
    return code.num_instrs + code.num_results > 0;
  };
  const struct {
    std::uint32_t part;
    bool present;
    const char* name;
  } all[] = {
      {kBody, has_program(node.body), "body"},
      {kEpilogue, has_program(node.epilogue), "epilogue"},
      {kScatterBase, node.base != RDU_NONE, "base"},
      {kCondition, node.condition != RDU_NONE, "condition"},
      {kSubgraphs, node.graphs[0] != RDU_NONE || node.graphs[1] != RDU_NONE || node.num_ports > 0,
       "sub-graph"},
      {kCombine, node.combine != RDU_COMBINE_NONE || node.acc_dtype != RDU_DTYPE_NONE, "combine"},
      {kReads, node.num_reads > 0, "read"},
  };
  for (const auto& entry : all) {
    if ((parts & entry.part) != 0 && entry.present) {
      return scope.broken(rule, "this pattern has no %s", entry.name);
    }
  }
  if (node.descending != 0 && node.pattern != RDU_PATTERN_SORT) {
    return scope.broken(rule, "descending is for sort");
  }
  return {};
}

rdu_dtype result_dtype(const NodeScope& scope, const rdu_program_code& code, std::uint32_t result) {
  const std::uint32_t number = at<std::uint32_t>(scope.graph.results, code.first_result + result);
  return at<rdu_instr>(scope.graph.instrs, code.first_instr + number).dtype;
}

base::Result<void> check_results(const NodeScope& scope, const char* rule,
                                 const rdu_program_code& code) {
  if (code.num_results != scope.node.num_writes || code.num_results == 0) {
    return scope.broken(rule, "%u results for %u writes", code.num_results, scope.node.num_writes);
  }
  for (std::uint32_t i = 0; i < code.num_results; ++i) {
    const rdu_dtype dtype = result_dtype(scope, code, i);
    const rdu_value& value = scope.value(scope.writes()[i].value);
    if (dtype != value.dtype) {
      return scope.broken(rule, "result %u is %s, value \"%s\" is %s", i, base::dtype_name(dtype),
                          value.name, base::dtype_name(value.dtype));
    }
  }
  return {};
}

bool same_type(const rdu_value& a, const rdu_value& b) {
  if (a.dtype != b.dtype || a.rank != b.rank) return false;
  for (std::uint32_t dim = 0; dim < a.rank; ++dim) {
    if (a.dims[dim] != b.dims[dim]) return false;
    if ((a.dim_values[dim] == RDU_NONE) != (b.dim_values[dim] == RDU_NONE)) return false;
  }
  return true;
}

}  // namespace rdu::artifact
