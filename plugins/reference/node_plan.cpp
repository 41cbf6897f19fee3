// Planning a node: which dimensions need judging at each point, and which accesses follow which loops.
#include "plugins/reference/node_plan.hpp"

#include <algorithm>

#include "plugins/reference/frame.hpp"

namespace rdu::reference {
namespace {

// Never outside and affine: its share of the element number is a sum over the loops.
bool is_plain(const rdu_index& index) {
  return index.outside == RDU_OUTSIDE_NEVER && index.source == RDU_NONE && index.exact == 0 &&
         index.div == 1 && index.mod == 0;
}

// A product that may wrap: of a loop that never moves, or in a domain without points, a factor may be any number, and
// nobody looks at the result.
std::int64_t product(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(b));
}

std::int64_t sum(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

JudgedDim judged_dim(const plugin::Graph& graph, const rdu_value& value, std::uint32_t d,
                     const rdu_index& index) {
  JudgedDim dim;
  dim.dimension = d;
  dim.offset = index.offset;
  dim.div = index.div;
  dim.mod = index.mod;
  dim.exact = index.exact != 0;
  dim.outside = index.outside;
  dim.stride = plugin::element_strides(value)[d];
  dim.bound = value.dims[d];
  if (index.outside != RDU_OUTSIDE_NEVER) dim.extent_value = value.dim_values[d];
  for (const rdu_term& term : graph.terms(index)) {
    dim.coefs[term.loop] = sum(dim.coefs[term.loop], term.coef);
  }
  return dim;
}

// Adds the access of `value` at `indices` to the plan, and the accesses of its sources after it.
class AccessPlanner {
 public:
  AccessPlanner(const plugin::Graph& graph, NodePlan& plan) : graph_(graph), plan_(plan) {}

  void add(std::uint32_t value_id, plugin::View<rdu_index> indices, const char* what,
           std::uint32_t number) {
    const rdu_value& value = graph_.value(value_id);
    const auto strides = plugin::element_strides(value);
    AccessPlan access;
    access.value = value_id;
    access.dtype = value.dtype;
    access.what = what;
    access.number = number;
    for (std::uint32_t d = 0; d < value.rank; ++d) {
      if (indices.empty()) {
        access.coefs[d] = strides[d];  // no access stated: dimension d is loop d
      } else if (is_plain(indices[d])) {
        access.base = sum(access.base, product(indices[d].offset, strides[d]));
        for (const rdu_term& term : graph_.terms(indices[d])) {
          std::int64_t& coef = access.coefs[term.loop];
          coef = sum(coef, product(term.coef, strides[d]));
        }
      } else {
        access.judged.push_back(judged_dim(graph_, value, d, indices[d]));
        indirect_.push_back({static_cast<std::uint32_t>(plan_.accesses.size()),
                             static_cast<std::uint32_t>(access.judged.size() - 1), &indices[d]});
      }
    }
    plan_.accesses.push_back(std::move(access));
  }

  // Sources come last, so that reads and writes keep their numbers.
  void add_sources() {
    for (std::size_t i = 0; i < indirect_.size(); ++i) {
      const auto [parent, judged, index] = indirect_[i];
      if (index->source == RDU_NONE) continue;
      plan_.accesses[parent].judged[judged].source =
          static_cast<std::uint32_t>(plan_.accesses.size());
      add(index->source, graph_.source_indices(*index), "index source of access", parent);
    }
  }

 private:
  struct Judged {
    std::uint32_t access, judged;
    const rdu_index* index;
  };
  const plugin::Graph& graph_;
  NodePlan& plan_;
  std::vector<Judged> indirect_;
};

void plan_accesses(const plugin::Graph& graph, const rdu_node& node, NodePlan& plan) {
  AccessPlanner planner(graph, plan);
  for (const rdu_read& read : graph.reads(node)) {
    planner.add(read.value, graph.indices(read), "read",
                static_cast<std::uint32_t>(plan.accesses.size()));
    AccessPlan& access = plan.accesses.back();
    access.fill = plugin::is_float(access.dtype) ? of_float(round_to(access.dtype, read.fill.f))
                                                 : of_integer(wrap_to(access.dtype, read.fill.i));
    access.fill_value = read.fill_value;
  }
  plan.num_reads = node.num_reads;
  const bool whole = node.pattern == RDU_PATTERN_FILTER || node.pattern == RDU_PATTERN_SCAN ||
                     node.pattern == RDU_PATTERN_CONTROL;
  if (!whole) {
    std::uint32_t number = 0;
    for (const rdu_write& write : graph.writes(node))
      planner.add(write.value, graph.indices(write), "write", number++);
  }
  planner.add_sources();
}

// A read of the body follows the whole domain. It may serve the epilogue as well: it then depends on parallel loops
// only, and stands where it should when the reduction is through. Sources follow what they serve.
void assign_loops(NodePlan& plan) {
  const bool reduces = plan.num_parallel < plan.num_loops();
  std::vector<bool> over_all(plan.accesses.size(), !reduces);
  for (const std::uint32_t read : plan.body.reads) over_all[read] = true;
  for (std::size_t a = 0; a < plan.accesses.size(); ++a) {
    for (const JudgedDim& dim : plan.accesses[a].judged) {
      if (dim.source != RDU_NONE) over_all[dim.source] = over_all[a];
    }
  }
  for (std::uint32_t a = 0; a < over_all.size(); ++a) {
    (over_all[a] ? plan.over_all_loops : plan.over_parallel_loops).push_back(a);
  }
}

std::uint32_t parallel_loops(const rdu_node& node) {
  switch (node.pattern) {
    case RDU_PATTERN_REDUCE:
    case RDU_PATTERN_CONTRACT:
    case RDU_PATTERN_GATHER:
      return node.num_parallel;
    case RDU_PATTERN_SORT:
      return node.num_loops == 0 ? 0 : node.num_loops - 1;
    default:
      return node.num_loops;
  }
}

}  // namespace

NodePlan plan_node(const plugin::Graph& graph, const rdu_node& node) {
  NodePlan plan;
  plan.node = &node;
  plan.num_parallel = parallel_loops(node);
  for (const rdu_loop& loop : graph.loops(node))
    plan.loops.push_back({loop.extent, loop.extent_value});
  plan.body = decode(graph, node, node.body);
  plan.epilogue = decode(graph, node, node.epilogue);
  plan_accesses(graph, node, plan);
  assign_loops(plan);
  for (const rdu_port& port : graph.ports(node)) {
    plan.ports.push_back(port);
    if (port.kind == RDU_PORT_CARRIED && port.result == RDU_NONE) {
      plan.hidden_state_bytes += Workspace::bytes<std::byte>(graph.value(port.inner_in).bytes);
    }
  }
  return plan;
}

std::uint64_t workspace_bytes(const NodePlan& plan) {
  std::uint64_t bytes = Workspace::bytes<Cursor>(plan.accesses.size()) +
                        Workspace::bytes<Scalar>(plan.body.code.size()) +
                        Workspace::bytes<Scalar>(plan.epilogue.code.size());
  if (plan.node->pattern == RDU_PATTERN_SCAN) {
    bytes += Workspace::bytes<std::byte*>(plan.ports.size()) + plan.hidden_state_bytes;
  }
  if (plan.node->pattern == RDU_PATTERN_SORT) {
    const auto length = static_cast<std::uint64_t>(plan.loops.back().bound);
    bytes += Workspace::bytes<Scalar>(length * plan.body.results.size()) +
             Workspace::bytes<std::int64_t>(length);
  }
  return bytes;
}

}  // namespace rdu::reference
