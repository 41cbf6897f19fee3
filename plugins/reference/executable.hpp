// Some sections of a model, planned at load and run as often as wanted, from many threads.
#pragma once

#include <cstdint>
#include <memory>
#include <rdu/plugin.hpp>
#include <vector>

#include "plugins/reference/node_plan.hpp"
#include "plugins/reference/storage_plan.hpp"

namespace rdu::reference {

class Executable {
 public:
  static plugin::Result<std::unique_ptr<Executable>> load(const rdu_host_api* host,
                                                          const rdu_load& load);

  rdu_memory memory() const;
  plugin::Status run(const rdu_submission& submission) const;

 private:
  Executable(const rdu_host_api* host, const rdu_load& load);

  plugin::Status bind(const rdu_submission& submission, std::byte** data) const;
  std::uint64_t pointer_bytes() const;
  // The most that a node of [first, end) and its sub-graphs need at once.
  std::uint64_t workspace_need(std::uint32_t first, std::uint32_t end,
                               std::vector<std::uint64_t>& by_graph) const;

  const rdu_host_api* host_;
  plugin::Graph graph_;
  std::uint32_t first_node_, end_node_;
  std::vector<NodePlan> nodes_;  // by number in the graph view
  StoragePlan storage_;
  std::uint64_t workspace_bytes_ = 0;
};

}  // namespace rdu::reference
