// Who writes and reads each storage inside the range and outside of it, and from that what has to cross.
#include "sdk/artifact/part_borders.hpp"

#include "sdk/artifact/uses.hpp"

namespace rdu::artifact {
namespace {

bool is_constant(const rdu_value& value) {
  return value.role == RDU_ROLE_CONSTANT || value.role == RDU_ROLE_PARAMETER;
}

class Borders {
 public:
  Borders(const rdu_graph& graph, std::uint32_t first_node, std::uint32_t end_node)
      : graph_(graph),
        main_(at<rdu_subgraph>(graph.graphs, 0)),
        first_(first_node),
        end_(end_node),
        reads_inside_(graph.values.count),
        writes_inside_(graph.values.count),
        uses_outside_(graph.values.count),
        needed_outside_(graph.values.count),
        in_main_(graph.values.count) {}

  PartBorders run() {
    walk_nodes();
    find_variables();
    for (const std::uint32_t id : list(graph_, main_.first_output, main_.num_outputs)) need(id);
    list_borders();
    find_known();
    mark_used();
    return std::move(borders_);
  }

 private:
  const rdu_value& value(std::uint32_t id) const { return at<rdu_value>(graph_.values, id); }
  std::uint32_t owner(std::uint32_t id) const { return value(id).storage; }
  bool inside(std::uint32_t node) const { return node >= first_ && node < end_; }

  void walk_nodes() {
    for (std::uint32_t n = 0; n < main_.num_nodes; ++n) {
      const auto& node = at<rdu_node>(graph_.nodes, n);
      auto& read = inside(n) ? reads_inside_ : uses_outside_;
      each_use(graph_, node, [&](std::uint32_t id) { read[owner(id)] = true; });
      auto& written = inside(n) ? writes_inside_ : uses_outside_;
      for (const auto& write : slice<rdu_write>(graph_.writes, node.first_write, node.num_writes)) {
        written[owner(write.value)] = true;
        in_main_[owner(write.value)] = true;
      }
    }
    needed_outside_ = uses_outside_;
    for (const std::uint32_t id : list(graph_, main_.first_input, main_.num_inputs)) {
      in_main_[id] = true;
    }
  }

  // Somebody takes the value when the run is over, and with it its actual extents.
  void need(std::uint32_t id) {
    needed_outside_[owner(id)] = true;
    detail::visit_dim_values(graph_, id, [&](std::uint32_t extent) {
      if (extent != RDU_NONE) needed_outside_[owner(extent)] = true;
    });
  }

  void find_variables() {
    for (std::uint32_t k = 0; k < graph_.variables.count; ++k) {
      const auto& variable = at<rdu_variable>(graph_.variables, k);
      in_main_[variable.read] = true;
      const bool in_place = variable.read == variable.write;
      const bool shared = uses_outside_[variable.read] || uses_outside_[variable.write];
      if (writes_inside_[variable.write] && (in_place || !shared)) {
        borders_.variables.push_back(k);
      } else {
        need(variable.write);
      }
    }
  }

  bool is_own_variable(std::uint32_t id) const {
    for (const std::uint32_t k : borders_.variables) {
      if (at<rdu_variable>(graph_.variables, k).read == id) return true;
    }
    return false;
  }

  void list_borders() {
    for (std::uint32_t id = 0; id < graph_.values.count; ++id) {
      if (writes_inside_[id]) {
        if (needed_outside_[id]) borders_.outputs.push_back(id);
      } else if (reads_inside_[id] && !is_constant(value(id)) && !is_own_variable(id)) {
        borders_.inputs.push_back(id);
      }
    }
  }

  // Extents of values of the model: only what is there can be one. Those of sub-graphs are their own.
  void find_known() {
    std::vector<bool> known(graph_.values.count);
    for (std::uint32_t id = 0; id < graph_.values.count; ++id) {
      known[id] = !in_main_[id] || writes_inside_[id];
    }
    for (const std::uint32_t id : borders_.inputs) known[id] = true;
    for (const std::uint32_t k : borders_.variables) {
      known[at<rdu_variable>(graph_.variables, k).read] = true;
    }
    borders_.known.resize(graph_.values.count);
    for (std::uint32_t id = 0; id < graph_.values.count; ++id)
      borders_.known[id] = known[owner(id)];
  }

  void mark_used() {
    borders_.used.resize(graph_.values.count);
    for (const std::uint32_t id : borders_.inputs) use(id);
    for (const std::uint32_t k : borders_.variables) {
      const auto& variable = at<rdu_variable>(graph_.variables, k);
      for (const std::uint32_t id : {variable.read, variable.write, variable.initial}) use(id);
    }
    borders_.graphs = {0};
    std::vector<bool> keeps(graph_.graphs.count);
    use_nodes(first_, end_, keeps);
    // A sub-graph follows the graph that uses it.
    for (std::uint32_t g = 1; g < graph_.graphs.count; ++g) {
      if (!keeps[g]) continue;
      borders_.graphs.push_back(g);
      const auto& sub = at<rdu_subgraph>(graph_.graphs, g);
      for (const std::uint32_t id : list(graph_, sub.first_input, sub.num_inputs)) use(id);
      for (const std::uint32_t id : list(graph_, sub.first_output, sub.num_outputs)) use(id);
      use_nodes(sub.first_node, sub.first_node + sub.num_nodes, keeps);
    }
  }

  void use_nodes(std::uint32_t begin, std::uint32_t end, std::vector<bool>& keeps) {
    for (std::uint32_t n = begin; n < end; ++n) {
      const auto& node = at<rdu_node>(graph_.nodes, n);
      each_use(graph_, node, [&](std::uint32_t id) { use(id); });
      for (const auto& write : slice<rdu_write>(graph_.writes, node.first_write, node.num_writes)) {
        use(write.value);
      }
      for (const auto& port : slice<rdu_port>(graph_.ports, node.first_port, node.num_ports)) {
        for (const std::uint32_t id : {port.result, port.inner_in, port.inner_out}) use(id);
      }
      for (const std::uint32_t graph : node.graphs) {
        if (graph != RDU_NONE) keeps[graph] = true;
      }
    }
  }

  // With what it refers to itself.
  void use(std::uint32_t given) {
    std::vector<std::uint32_t> open{given};
    while (!open.empty()) {
      const std::uint32_t id = open.back();
      open.pop_back();
      if (id == RDU_NONE || borders_.used[id]) continue;
      borders_.used[id] = true;
      open.push_back(owner(id));
      detail::visit_dim_values(graph_, id, [&](std::uint32_t extent) {
        if (extent != RDU_NONE && borders_.known[extent]) open.push_back(extent);
      });
      if (value(id).encoding == RDU_NONE) continue;
      const auto& encoding = at<rdu_encoding>(graph_.encodings, value(id).encoding);
      open.insert(open.end(), {encoding.scale, encoding.zero_point});
    }
  }

  const rdu_graph& graph_;
  const rdu_subgraph& main_;
  const std::uint32_t first_, end_;
  // By the owner of a storage: by nodes of graph 0 in the range, by others, and by anybody else.
  std::vector<bool> reads_inside_, writes_inside_, uses_outside_, needed_outside_;
  std::vector<bool> in_main_;
  PartBorders borders_;
};

}  // namespace

PartBorders part_borders(const rdu_graph& graph, std::uint32_t first_node, std::uint32_t end_node) {
  return Borders(graph, first_node, end_node).run();
}

}  // namespace rdu::artifact
