// The steps of a sub-graph, run by the step of the node that owns it.
#pragma once

#include <string>
#include <vector>

#include "plugins/cpu/steps/node_scope.hpp"

namespace rdu::cpu {

// Whether `node` may begin, within a step that may take long: the run may have been cancelled, or be late.
plugin::Status may_begin(const Run& run, const std::string& node);

class Subgraph {
 public:
  Subgraph() = default;
  Subgraph(const BuildContext& context, std::uint32_t graph);

  // Stops at the first step that fails or reads outside of a tensor.
  plugin::Status run(const Run& run) const;

  std::uint64_t workspace_bytes() const { return workspace_bytes_; }
  std::uint64_t temporary_bytes() const { return temporary_bytes_; }
  std::uint64_t resident_bytes() const { return resident_bytes_; }
  bool parallel() const { return parallel_; }
  void place_temporary(std::uint64_t offset);

 private:
  std::vector<std::unique_ptr<Step>> steps_;
  std::uint64_t workspace_bytes_ = 0, temporary_bytes_ = 0, resident_bytes_ = 0;
  bool parallel_ = false;
};

}  // namespace rdu::cpu
