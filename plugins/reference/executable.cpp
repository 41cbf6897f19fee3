// Loading plans every node once; a run lays pointers, workspace and arena into the scratch and walks the nodes.
#include "plugins/reference/executable.hpp"

#include <algorithm>
#include <string_view>

#include "plugins/reference/frame.hpp"

namespace rdu::reference {

using plugin::Result;
using plugin::Status;

Executable::Executable(const rdu_host_api* host, const rdu_load& load)
    : host_(host),
      graph_(load.graph),
      first_node_(graph_.sections()[load.first_section].first_node),
      end_node_(graph_.sections()[load.end_section - 1].end_node),
      nodes_(graph_.nodes().size()) {
  const Reach reach = reachable(graph_, first_node_, end_node_);
  for (const std::uint32_t n : reach.nodes) nodes_[n] = plan_node(graph_, graph_.nodes()[n]);
  storage_ = plan_storage(graph_, load.first_section, load.end_section, reach);
  std::vector<std::uint64_t> by_graph(graph_.graphs().size(), kNotInArena);
  workspace_bytes_ = workspace_need(first_node_, end_node_, by_graph);
}

Result<std::unique_ptr<Executable>> Executable::load(const rdu_host_api* host,
                                                     const rdu_load& load) {
  if (std::string_view(load.format) != "rdu.graph") {
    return plugin::fail(RDU_ERR_UNSUPPORTED, "payload of format '", load.format,
                        "'; this device works from rdu.graph");
  }
  if (load.first_section >= load.end_section || load.end_section > load.graph->sections.count) {
    return plugin::fail(RDU_ERR_INVALID_ARGUMENT, "sections [", load.first_section, ", ",
                        load.end_section, ") of ", load.graph->sections.count);
  }
  return std::unique_ptr<Executable>(new Executable(host, load));
}

std::uint64_t Executable::workspace_need(std::uint32_t first, std::uint32_t end,
                                         std::vector<std::uint64_t>& by_graph) const {
  std::uint64_t most = 0;
  for (std::uint32_t n = first; n < end; ++n) {
    std::uint64_t inner = 0;
    for (const std::uint32_t g : nodes_[n].node->graphs) {
      if (g == RDU_NONE) continue;
      if (by_graph[g] == kNotInArena) {
        const rdu_subgraph& body = graph_.graphs()[g];
        by_graph[g] = workspace_need(body.first_node, body.first_node + body.num_nodes, by_graph);
      }
      inner = std::max(inner, by_graph[g]);
    }
    most = std::max(most, workspace_bytes(nodes_[n]) + inner);
  }
  return most;
}

std::uint64_t Executable::pointer_bytes() const {
  return Workspace::bytes<std::byte*>(graph_.values().size());
}

rdu_memory Executable::memory() const {
  return {RDU_HEADER(rdu_memory), nodes_.size() * sizeof(NodePlan),
          pointer_bytes() + workspace_bytes_ + storage_.arena_bytes, 0};
}

Status Executable::bind(const rdu_submission& submission, std::byte** data) const {
  for (const rdu_binding& binding : plugin::View<rdu_binding>(submission.bindings)) {
    const rdu_value& value = graph_.value(binding.value);
    if (binding.bytes < value.bytes) {
      return plugin::fail(RDU_ERR_INVALID_ARGUMENT, "value '", value.name, "' is bound to ",
                          binding.bytes, " bytes and needs ", value.bytes);
    }
    data[binding.value] = static_cast<std::byte*>(binding.data);
  }
  for (const std::uint32_t v : storage_.bound) {
    const rdu_value& value = graph_.value(v);
    if (data[v] == nullptr && value.bytes != 0) {
      return plugin::fail(RDU_ERR_INVALID_ARGUMENT, "value '", value.name, "' is not bound");
    }
  }
  return {};
}

Status Executable::run(const rdu_submission& submission) const {
  auto* scratch = static_cast<std::byte*>(submission.scratch);
  auto** data = reinterpret_cast<std::byte**>(scratch);
  std::byte* workspace = scratch + pointer_bytes();
  std::byte* arena = workspace + workspace_bytes_;
  for (std::uint32_t v = 0; v < storage_.offsets.size(); ++v) {
    const std::uint64_t offset = storage_.offsets[v];
    // Constants are never written: the validator refuses a node that would.
    const void* constant = graph_.value(v).data;
    data[v] = offset != kNotInArena ? arena + offset
                                    : static_cast<std::byte*>(const_cast<void*>(constant));
  }
  if (Status s = bind(submission, data); !s.ok()) return s;
  Frame frame{host_, graph_, nodes_, data, Workspace(workspace), plugin::Stop(submission)};
  return run_nodes(frame, first_node_, end_node_);
}

}  // namespace rdu::reference
