// One walk over the nodes: who writes and reads each storage first and last; then each section's borders.
#include "sdk/artifact/liveness.hpp"

#include <algorithm>
#include <set>
#include <tuple>
#include <vector>

#include "sdk/artifact/uses.hpp"

namespace rdu::artifact {
namespace {

bool is_constant(const rdu_value& value) {
  return value.role == RDU_ROLE_CONSTANT || value.role == RDU_ROLE_PARAMETER;
}

class Completion {
 public:
  explicit Completion(FlatGraph& graph) : graph_(graph), view_(graph.view()) {}

  void run() {
    for (std::uint32_t g = 0; g < graph_.graphs.size(); ++g) walk(graph_.graphs[g]);
    keep_variables();
    for (rdu_value& value : graph_.values) {
      value.first_node = graph_.values[value.storage].first_node;
      value.last_node = graph_.values[value.storage].last_node;
    }
    find_kept();
    for (rdu_section& section : graph_.sections) list_borders(section);
  }

 private:
  void touch(std::uint32_t id, std::uint32_t node) {
    rdu_value& owner = graph_.values[graph_.values[id].storage];
    owner.first_node = owner.first_node == RDU_NONE ? node : std::min(owner.first_node, node);
    owner.last_node = owner.last_node == RDU_NONE ? node : std::max(owner.last_node, node);
  }

  void walk(const rdu_subgraph& graph) {
    const std::uint32_t end = graph.first_node + graph.num_nodes;
    for (const std::uint32_t id : list(view_, graph.first_input, graph.num_inputs)) {
      touch(id, graph.first_node);
    }
    for (std::uint32_t n = graph.first_node; n < end; ++n) {
      const rdu_node& node = graph_.nodes[n];
      each_use(view_, node, [&](std::uint32_t id) { touch(id, n); });
      for (std::uint32_t w = 0; w < node.num_writes; ++w) {
        touch(graph_.writes[node.first_write + w].value, n);
      }
    }
    const std::uint32_t last = end == graph.first_node ? end : end - 1;
    for (const std::uint32_t id : list(view_, graph.first_output, graph.num_outputs)) {
      with_extents(id, [&](std::uint32_t each) { touch(each, last); });
    }
  }

  // Whoever takes a result needs its actual extents too.
  template <class F>
  void with_extents(std::uint32_t id, F&& visit) const {
    visit(id);
    detail::visit_dim_values(view_, id, [&](std::uint32_t extent) {
      if (extent != RDU_NONE) visit(extent);
    });
  }

  // State is there before the first node and after the last.
  void keep_variables() {
    const std::uint32_t num_nodes = graph_.graphs[0].num_nodes;
    const std::uint32_t last = num_nodes == 0 ? 0 : num_nodes - 1;
    for (const rdu_variable& variable : graph_.variables) {
      touch(variable.read, 0);
      with_extents(variable.write, [&](std::uint32_t each) { touch(each, last); });
      if (graph_.values[variable.read].storage == graph_.values[variable.write].storage) {
        touch(variable.read, last);
      }
    }
  }

  // Storages that somebody needs when the run is over.
  void find_kept() {
    kept_.assign(graph_.values.size(), false);
    const auto keep = [&](std::uint32_t id) { kept_[graph_.values[id].storage] = true; };
    const rdu_subgraph& main = graph_.graphs[0];
    for (const std::uint32_t id : list(view_, main.first_output, main.num_outputs)) {
      with_extents(id, keep);
    }
    for (const rdu_variable& variable : graph_.variables) with_extents(variable.write, keep);
  }

  void list_borders(rdu_section& section) {
    std::vector<std::uint32_t> inputs;
    std::vector<std::uint32_t> outputs;
    for (std::uint32_t n = section.first_node; n < section.end_node; ++n) {
      const rdu_node& node = graph_.nodes[n];
      each_use(view_, node, [&](std::uint32_t id) {
        const rdu_value& owner = graph_.values[graph_.values[id].storage];
        const bool from_outside =
            owner.role != RDU_ROLE_INTERMEDIATE || owner.first_node < section.first_node;
        if (!is_constant(owner) && from_outside) inputs.push_back(owner.storage);
      });
      for (std::uint32_t w = 0; w < node.num_writes; ++w) {
        const rdu_value& value = graph_.values[graph_.writes[node.first_write + w].value];
        if (kept_[value.storage] || value.last_node >= section.end_node) {
          outputs.push_back(value.storage);
        }
      }
    }
    std::tie(section.first_input, section.num_inputs) = append(std::move(inputs));
    std::tie(section.first_output, section.num_outputs) = append(std::move(outputs));
  }

  std::pair<std::uint32_t, std::uint32_t> append(std::vector<std::uint32_t> ids) {
    std::ranges::sort(ids);
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    const auto first = static_cast<std::uint32_t>(graph_.value_lists.size());
    graph_.value_lists.insert(graph_.value_lists.end(), ids.begin(), ids.end());
    return {first, static_cast<std::uint32_t>(ids.size())};
  }

  FlatGraph& graph_;
  const rdu_graph view_;  // of arrays that do not change: value_lists is read before it grows
  std::vector<bool> kept_;
};

}  // namespace

void complete_view(FlatGraph& graph) { Completion(graph).run(); }

std::uint64_t weight_bytes(const FlatGraph& graph) {
  std::set<const void*> seen;
  std::uint64_t sum = 0;
  for (const rdu_value& value : graph.values) {
    if (value.data != nullptr && value.bytes > 0 && seen.insert(value.data).second) {
      sum += value.bytes;
    }
  }
  return sum;
}

}  // namespace rdu::artifact
