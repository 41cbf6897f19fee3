// S and T: the portable cut, and variables.
#include <string_view>
#include <unordered_set>

#include "sdk/artifact/validate/checks.hpp"
#include "sdk/artifact/validate/parts.hpp"

namespace rdu::artifact {
namespace {

using base::Result;

// Which section a node of graph 0 is in.
std::vector<std::uint32_t> section_of_nodes(const rdu_graph& graph) {
  std::vector<std::uint32_t> sections;
  std::uint32_t number = 0;
  for (const rdu_section& section : each<rdu_section>(graph.sections)) {
    sections.insert(sections.end(), section.end_node - section.first_node, number++);
  }
  return sections;
}

class VariableCheck {
 public:
  VariableCheck(const rdu_graph& graph, const Flow& flow) : graph_(graph), flow_(flow) {}

  Result<void> check(const rdu_variable& variable) {
    if (*variable.name == '\0' || !names_.insert(variable.name).second) {
      return broken("T1", "variable \"%s\" has no name or that of another", variable.name);
    }
    const rdu_value& read = value(variable.read);
    const rdu_value& write = value(variable.write);
    if (read.role != RDU_ROLE_VARIABLE || read.storage != variable.read) {
      return broken("T2", "variable \"%s\": value %u is not of role variable", variable.name,
                    variable.read);
    }
    if (!same_type(read, write) || write.storage != variable.write) {
      return broken("T2", "variable \"%s\": value %u has not the variable's type", variable.name,
                    variable.write);
    }
    if (variable.read != variable.write) RDU_TRY(check_double(variable));
    if (!storages_.insert(variable.read).second ||
        (variable.read != variable.write && !storages_.insert(variable.write).second)) {
      return broken("T3", "variable \"%s\" shares a value with another", variable.name);
    }
    if (variable.initial == RDU_NONE) return {};
    const rdu_value& initial = value(variable.initial);
    if (is_constant(initial) && same_type(initial, read)) return {};
    return broken("T4", "variable \"%s\": initial value %u is no constant of its type",
                  variable.name, variable.initial);
  }

 private:
  const rdu_value& value(std::uint32_t id) const { return at<rdu_value>(graph_.values, id); }

  // Old and new content in two values: the old is not written, the new is.
  Result<void> check_double(const rdu_variable& variable) const {
    const Flow::Storage& old_content = flow_.storages[variable.read];
    const Flow::Storage& new_content = flow_.storages[variable.write];
    if (old_content.num_writers == 0 && new_content.num_writers > 0 && new_content.home == 0) {
      return {};
    }
    return broken("T2", "variable \"%s\": value %u must be written, and value %u must not",
                  variable.name, variable.write, variable.read);
  }

  const rdu_graph& graph_;
  const Flow& flow_;
  std::unordered_set<std::string_view> names_;
  std::unordered_set<std::uint32_t> storages_;
};

}  // namespace

base::Result<void> check_sections(const rdu_graph& graph, const Flow& flow) {
  std::uint32_t next = 0;
  const std::uint32_t num_nodes = at<rdu_subgraph>(graph.graphs, 0).num_nodes;
  for (const rdu_section& section : each<rdu_section>(graph.sections)) {
    if (section.first_node != next || section.end_node <= next || section.end_node > num_nodes) {
      return broken("S1", "section [%u, %u) does not follow node %u of %u", section.first_node,
                    section.end_node, next, num_nodes);
    }
    next = section.end_node;
  }
  if (next != num_nodes) return broken("S1", "nodes from %u on are in no section", next);

  const auto sections = section_of_nodes(graph);
  for (std::uint32_t id = 0; id < flow.storages.size(); ++id) {
    const Flow::Storage& storage = flow.storages[id];
    if (storage.home != 0) continue;
    for (std::uint32_t i = 1; i < storage.num_writers; ++i) {
      const Flow::Writer& first = flow.writers[storage.first_writer];
      const Flow::Writer& other = flow.writers[storage.first_writer + i];
      if (sections[first.node] == sections[other.node]) continue;
      return broken("S2", "value %u \"%s\" is joined by nodes of sections %u and %u", id,
                    at<rdu_value>(graph.values, id).name, sections[first.node],
                    sections[other.node]);
    }
  }
  return {};
}

base::Result<void> check_variables(const rdu_graph& graph, const Flow& flow) {
  VariableCheck check(graph, flow);
  for (const rdu_variable& variable : each<rdu_variable>(graph.variables)) {
    RDU_TRY(check.check(variable));
  }
  return {};
}

}  // namespace rdu::artifact
