// G1 to G4: every range lies within its array, every number refers to something, and no two nodes share a part.
#include <string_view>
#include <unordered_set>

#include "sdk/artifact/validate/checks.hpp"
#include "sdk/base/checked.hpp"

namespace rdu::artifact {
namespace {

using base::Result;

constexpr std::uint32_t kMaxNesting = 16;

// Ranges of one array that must follow each other: then none is checked twice, whatever the file says.
class Sequence {
 public:
  Sequence(const char* name, std::uint32_t available) : name_(name), available_(available) {}

  Result<void> take(std::uint32_t first, std::uint32_t count, const char* owner,
                    std::uint32_t number) {
    if (first == next_ && count <= available_ - next_) {
      next_ += count;
      return {};
    }
    return broken("G1", "%s %u has %s [%u, +%u), expected from %u on, of %u", owner, number, name_,
                  first, count, next_, available_);
  }

  // Nothing may be left over: what nobody refers to, nobody checks.
  Result<void> finish() const {
    if (next_ == available_) return {};
    return broken("G1", "%u of %u %s belong to nobody", available_ - next_, available_, name_);
  }

 private:
  const char* name_;
  std::uint32_t available_;
  std::uint32_t next_ = 0;
};

class Structure {
 public:
  explicit Structure(const rdu_graph& graph) : graph_(graph) {}

  Result<void> run() {
    RDU_TRY(check_graphs());
    RDU_TRY(check_nodes());
    RDU_TRY(check_variables());
    RDU_TRY(check_nesting());
    return check_names();
  }

 private:
  Result<void> check_graphs() {
    if (graph_.graphs.count == 0) return broken("G2", "there is no graph");
    Sequence nodes("nodes", graph_.nodes.count);
    std::uint64_t lists = 0;
    for (std::uint32_t g = 0; g < graph_.graphs.count; ++g) {
      const auto& sub = at<rdu_subgraph>(graph_.graphs, g);
      RDU_TRY(nodes.take(sub.first_node, sub.num_nodes, "graph", g));
      RDU_TRY(check_list(sub.first_input, sub.num_inputs, g, lists));
      RDU_TRY(check_list(sub.first_output, sub.num_outputs, g, lists));
    }
    return nodes.finish();
  }

  Result<void> check_list(std::uint32_t first, std::uint32_t count, std::uint32_t g,
                          std::uint64_t& next) {
    if (first != next || !base::range_within(first, count, graph_.value_lists.count)) {
      return broken("G1", "graph %u has value list [%u, +%u), expected from %u on, of %u", g, first,
                    count, static_cast<unsigned>(next), graph_.value_lists.count);
    }
    next += count;
    for (const std::uint32_t id : list(graph_, first, count)) {
      if (id >= graph_.values.count)
        return broken("G1", "graph %u lists value %u of %u", g, id, graph_.values.count);
    }
    return {};
  }

  Result<void> check_nodes() {
    Sequence loops("loops", graph_.loops.count);
    Sequence reads("reads", graph_.reads.count);
    Sequence writes("writes", graph_.writes.count);
    Sequence instrs("instrs", graph_.instrs.count);
    Sequence results("results", graph_.results.count);
    Sequence ports("ports", graph_.ports.count);
    for (std::uint32_t n = 0; n < graph_.nodes.count; ++n) {
      const auto& node = at<rdu_node>(graph_.nodes, n);
      RDU_TRY(loops.take(node.first_loop, node.num_loops, "node", n));
      RDU_TRY(reads.take(node.first_read, node.num_reads, "node", n));
      RDU_TRY(writes.take(node.first_write, node.num_writes, "node", n));
      RDU_TRY(ports.take(node.first_port, node.num_ports, "node", n));
      for (const rdu_program_code* code : {&node.body, &node.epilogue}) {
        RDU_TRY(instrs.take(code->first_instr, code->num_instrs, "node", n));
        RDU_TRY(results.take(code->first_result, code->num_results, "node", n));
      }
      RDU_TRY(check_references({graph_, n, node}));
    }
    for (const Sequence* sequence : {&loops, &reads, &writes, &instrs, &results, &ports}) {
      RDU_TRY(sequence->finish());
    }
    return {};
  }

  Result<void> check_variables() const {
    for (const rdu_variable& variable : each<rdu_variable>(graph_.variables)) {
      if (!is_value(variable.read) || !is_value(variable.write) ||
          !is_value_or_none(variable.initial)) {
        return broken("G1", "variable \"%s\" has values %u, %u, %u", variable.name, variable.read,
                      variable.write, variable.initial);
      }
      if (variable.length != RDU_NONE && variable.length >= graph_.variables.count) {
        return broken("G1", "variable \"%s\" has variable %u of %u as its length", variable.name,
                      variable.length, graph_.variables.count);
      }
    }
    return {};
  }

  bool is_value(std::uint32_t id) const { return id < graph_.values.count; }
  bool is_value_or_none(std::uint32_t id) const { return id == RDU_NONE || is_value(id); }

  Result<void> check_references(const NodeScope& scope) const {
    const rdu_node& node = scope.node;
    if (node.pattern >= RDU_NUM_PATTERNS || node.combine >= RDU_NUM_COMBINE_OPS) {
      return scope.broken("G1", "pattern %u or combine %u is unknown", node.pattern, node.combine);
    }
    for (const rdu_loop& loop : scope.loops()) {
      if (!is_value_or_none(loop.extent_value)) {
        return scope.broken("G1", "a loop has extent value %u", loop.extent_value);
      }
    }
    for (const rdu_read& read : scope.reads()) {
      if (!is_value(read.value) || !is_value_or_none(read.fill_value)) {
        return scope.broken("G1", "a read has value %u, fill value %u", read.value,
                            read.fill_value);
      }
      RDU_TRY(check_indices(scope, read.value, read.first_index, true));
    }
    for (const rdu_write& write : scope.writes()) {
      if (!is_value(write.value)) return scope.broken("G1", "a write has value %u", write.value);
      const bool whole = writes_whole_values(node);
      if (whole != (write.first_index == RDU_NONE) && scope.value(write.value).rank > 0) {
        return scope.broken("G1", "a write of value %u %s", write.value,
                            whole ? "has an access" : "has no access");
      }
      if (!whole) RDU_TRY(check_indices(scope, write.value, write.first_index, true));
    }
    for (const rdu_port& port : scope.ports()) {
      for (const std::uint32_t id : {port.outer, port.result, port.inner_in, port.inner_out}) {
        if (!is_value_or_none(id)) return scope.broken("G1", "a port has value %u", id);
      }
    }
    if (!is_value_or_none(node.base) || !is_value_or_none(node.condition)) {
      return scope.broken("G1", "base %u or condition %u is no value", node.base, node.condition);
    }
    return {};
  }

  Result<void> check_indices(const NodeScope& scope, std::uint32_t id, std::uint32_t first,
                             bool may_have_source) const {
    const std::uint32_t rank = scope.value(id).rank;
    if (rank > RDU_MAX_RANK) return scope.broken("V1", "value %u has rank %u", id, rank);
    if (rank == 0) return {};
    if (!base::range_within(first, rank, graph_.indices.count)) {
      return scope.broken("G1", "the access of value %u has indices [%u, +%u) of %u", id, first,
                          rank, graph_.indices.count);
    }
    for (const rdu_index& index : slice<rdu_index>(graph_.indices, first, rank)) {
      if (!base::range_within(index.first_term, index.num_terms, graph_.terms.count)) {
        return scope.broken("G1", "an index of value %u has terms [%u, +%u) of %u", id,
                            index.first_term, index.num_terms, graph_.terms.count);
      }
      if (index.source == RDU_NONE) continue;
      if (!is_value(index.source)) {
        return scope.broken("G1", "an index of value %u has source %u", id, index.source);
      }
      if (!may_have_source) {
        return scope.broken("A3", "the access of source %u has a source of its own", id);
      }
      RDU_TRY(check_indices(scope, index.source, index.first_source_index, false));
    }
    return {};
  }

  // Every sub-graph has exactly one user, in a graph before it: no recursion, and no sharing that would let a small
  // file stand for an exponential amount of work.
  Result<void> check_nesting() const {
    std::vector<std::uint32_t> depth(graph_.graphs.count, RDU_NONE);
    depth[0] = 0;
    for (std::uint32_t g = 0; g < graph_.graphs.count; ++g) {
      const auto& sub = at<rdu_subgraph>(graph_.graphs, g);
      if (depth[g] == RDU_NONE) return broken("G3", "no node before graph %u uses it", g);
      for (std::uint32_t i = 0; i < sub.num_nodes; ++i) {
        const std::uint32_t n = sub.first_node + i;
        const NodeScope scope{graph_, n, at<rdu_node>(graph_.nodes, n)};
        for (const std::uint32_t used : scope.node.graphs) {
          if (used == RDU_NONE) continue;
          if (used >= graph_.graphs.count || depth[used] != RDU_NONE) {
            return scope.broken("G3", "graph %u of %u does not exist or has another user", used,
                                graph_.graphs.count);
          }
          if (used <= g) return scope.broken("G3", "graph %u does not follow graph %u", used, g);
          if (depth[g] + 1 > kMaxNesting) {
            return scope.broken("G3", "graphs are nested deeper than %u", kMaxNesting);
          }
          depth[used] = depth[g] + 1;
        }
      }
    }
    return {};
  }

  Result<void> check_names() const {
    std::unordered_set<std::string_view> names;
    names.reserve(graph_.nodes.count);
    for (std::uint32_t n = 0; n < graph_.nodes.count; ++n) {
      const NodeScope scope{graph_, n, at<rdu_node>(graph_.nodes, n)};
      if (*scope.node.name == '\0') return scope.broken("G4", "it has no name");
      if (!names.insert(scope.node.name).second) {
        return scope.broken("G4", "another node has the same name");
      }
    }
    return {};
  }

  const rdu_graph& graph_;
};

}  // namespace

base::Result<void> check_structure(const rdu_graph& graph) { return Structure(graph).run(); }

}  // namespace rdu::artifact
