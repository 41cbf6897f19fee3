// G5 to G8, W1, W5: every value belongs to one graph, is written by one origin, and is used after it.
#include "sdk/artifact/validate/flow.hpp"

#include <unordered_set>
#include <utility>

#include "sdk/artifact/uses.hpp"
#include "sdk/artifact/validate/checks.hpp"

namespace rdu::artifact {
namespace {

using base::Result;

class FlowCheck {
 public:
  explicit FlowCheck(const rdu_graph& graph) : graph_(graph) {}

  Result<Flow> run() {
    place_constants_and_variables();
    RDU_TRY(place_inputs());
    RDU_TRY(count_writers());
    list_writers();
    for (std::uint32_t g = 0; g < graph_.graphs.count; ++g) {
      const auto& sub = at<rdu_subgraph>(graph_.graphs, g);
      RDU_TRY(check_input_extents(g, sub));
      for (std::uint32_t i = 0; i < sub.num_nodes; ++i) {
        const std::uint32_t n = sub.first_node + i;
        RDU_TRY(check_uses({graph_, n, at<rdu_node>(graph_.nodes, n)}, g));
      }
      RDU_TRY(check_outputs(g, sub));
    }
    return std::move(flow_);
  }

 private:
  const rdu_value& value(std::uint32_t id) const { return at<rdu_value>(graph_.values, id); }
  Flow::Storage& storage_of(std::uint32_t id) { return flow_.storages[value(id).storage]; }

  void place_constants_and_variables() {
    flow_.storages.assign(graph_.values.count, {RDU_NONE, RDU_NONE, 0, 0, false});
    for (std::uint32_t id = 0; id < graph_.values.count; ++id) {
      if (is_constant(value(id))) flow_.storages[id].home = kEverywhere;
    }
    for (const rdu_variable& variable : each<rdu_variable>(graph_.variables)) {
      Flow::Storage& storage = storage_of(variable.read);
      if (storage.home == RDU_NONE) storage.home = 0;
      storage.variable = true;
    }
  }

  Result<void> place_inputs() {
    for (std::uint32_t g = 0; g < graph_.graphs.count; ++g) {
      const auto& sub = at<rdu_subgraph>(graph_.graphs, g);
      for (const std::uint32_t id : list(graph_, sub.first_input, sub.num_inputs)) {
        const rdu_value& input = value(id);
        if (input.role != RDU_ROLE_INPUT) {
          return broken("G7", "graph %u has input %u \"%s\" of role %u", g, id, input.name,
                        input.role);
        }
        if (flow_.storages[id].home != RDU_NONE) {
          return broken("G7", "value %u \"%s\" is an input twice", id, input.name);
        }
        flow_.storages[id].home = g;
      }
    }
    return {};
  }

  Result<void> count_writers() {
    for (std::uint32_t g = 0; g < graph_.graphs.count; ++g) {
      const auto& sub = at<rdu_subgraph>(graph_.graphs, g);
      for (std::uint32_t i = 0; i < sub.num_nodes; ++i) {
        const std::uint32_t n = sub.first_node + i;
        const NodeScope scope{graph_, n, at<rdu_node>(graph_.nodes, n)};
        for (const rdu_write& write : scope.writes()) RDU_TRY(count_writer(scope, g, write));
      }
    }
    return {};
  }

  Result<void> count_writer(const NodeScope& scope, std::uint32_t g, const rdu_write& write) {
    const rdu_value& target = value(write.value);
    const rdu_value& owner = value(target.storage);
    Flow::Storage& storage = flow_.storages[target.storage];
    if (owner.role != RDU_ROLE_INTERMEDIATE && owner.role != RDU_ROLE_VARIABLE) {
      return scope.broken("W1", "it writes value %u \"%s\" of role %u", write.value, target.name,
                          owner.role);
    }
    if (storage.home == RDU_NONE) storage.home = g;
    if (storage.home != g) {
      return scope.broken("G5", "it writes value %u \"%s\" of another graph", write.value,
                          target.name);
    }
    if (storage.written_as == RDU_NONE) storage.written_as = write.value;
    if (storage.written_as != write.value) {
      return scope.broken("W1", "values %u and %u share storage and both are written", write.value,
                          storage.written_as);
    }
    ++storage.num_writers;
    return {};
  }

  void list_writers() {
    std::uint32_t next = 0;
    std::vector<std::uint32_t> free(flow_.storages.size());
    for (std::size_t id = 0; id < flow_.storages.size(); ++id) {
      flow_.storages[id].first_writer = free[id] = next;
      next += flow_.storages[id].num_writers;
    }
    flow_.writers.resize(next);
    for (std::uint32_t n = 0; n < graph_.nodes.count; ++n) {
      const auto& node = at<rdu_node>(graph_.nodes, n);
      for (std::uint32_t w = 0; w < node.num_writes; ++w) {
        const std::uint32_t write = node.first_write + w;
        const std::uint32_t owner = value(at<rdu_write>(graph_.writes, write).value).storage;
        flow_.writers[free[owner]++] = {n, write};
      }
    }
  }

  // Available before node `n` of graph `g` starts? With `same_node`, what the node itself writes counts.
  bool is_available(std::uint32_t id, std::uint32_t g, std::uint32_t n, bool same_node) {
    const Flow::Storage& storage = storage_of(id);
    if (storage.home == kEverywhere) return true;
    if (storage.home != g) return false;
    if (storage.variable) return true;
    if (storage.num_writers == 0) return value(value(id).storage).role == RDU_ROLE_INPUT;
    const Flow::Writer& last = flow_.writers[storage.first_writer + storage.num_writers - 1];
    return last.node < n || (same_node && last.node == n);
  }

  Result<void> check_uses(const NodeScope& scope, std::uint32_t g) {
    std::uint32_t missing = RDU_NONE;
    each_use(graph_, scope.node, [&](std::uint32_t id) {
      if (!is_available(id, g, scope.number, false)) missing = id;
    });
    for (const rdu_write& write : scope.writes()) {
      detail::visit_dim_values(graph_, write.value, [&](std::uint32_t id) {
        if (id != RDU_NONE && !is_available(id, g, scope.number, true)) missing = id;
      });
      RDU_TRY(check_in_place(scope, write));
    }
    if (missing == RDU_NONE) return {};
    const bool elsewhere = storage_of(missing).home != g;
    return scope.broken(elsewhere ? "G5" : "G6", "it uses value %u \"%s\", which %s", missing,
                        value(missing).name,
                        elsewhere ? "does not belong to its graph" : "is not there yet");
  }

  // A variable that is updated in place is not read by the node that writes it, except as the base of a scatter.
  Result<void> check_in_place(const NodeScope& scope, const rdu_write& write) {
    const std::uint32_t owner = value(write.value).storage;
    if (!flow_.storages[owner].variable) return {};
    std::uint32_t uses = 0;
    each_use(graph_, scope.node,
             [&](std::uint32_t id) { uses += value(id).storage == owner ? 1 : 0; });
    if (scope.node.base != RDU_NONE && value(scope.node.base).storage == owner) --uses;
    if (uses == 0) return {};
    return scope.broken("W5", "it reads value %u \"%s\" while it writes it", write.value,
                        value(write.value).name);
  }

  Result<void> check_input_extents(std::uint32_t g, const rdu_subgraph& sub) {
    for (const std::uint32_t id : list(graph_, sub.first_input, sub.num_inputs)) {
      for (std::uint32_t dim = 0; dim < value(id).rank; ++dim) {
        const std::uint32_t extent = value(id).dim_values[dim];
        if (extent != RDU_NONE && !is_available(extent, g, sub.first_node, false)) {
          return broken("G6", "input %u \"%s\" of graph %u: its extent, value %u, is not there", id,
                        value(id).name, g, extent);
        }
      }
    }
    return {};
  }

  Result<void> check_outputs(std::uint32_t g, const rdu_subgraph& sub) {
    for (const std::uint32_t id : list(graph_, sub.first_output, sub.num_outputs)) {
      const Flow::Storage& storage = storage_of(id);
      if (storage.home != g || storage.num_writers == 0) {
        return broken("G8", "output %u \"%s\" of graph %u is not written by one of its nodes", id,
                      value(id).name, g);
      }
      if (!output_storages_.insert(value(id).storage).second) {
        return broken("G8", "output %u \"%s\" of graph %u shares storage with another output", id,
                      value(id).name, g);
      }
    }
    return {};
  }

  const rdu_graph& graph_;
  Flow flow_;
  std::unordered_set<std::uint32_t> output_storages_;
};

}  // namespace

base::Result<Flow> check_flow(const rdu_graph& graph) { return FlowCheck(graph).run(); }

}  // namespace rdu::artifact
