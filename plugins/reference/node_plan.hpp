// A node made ready at load: decoded programs, accesses split into what is known and what depends on the data.
#pragma once

#include <cstdint>
#include <rdu/plugin/graph.hpp>
#include <vector>

#include "plugins/reference/access.hpp"
#include "plugins/reference/program.hpp"

namespace rdu::reference {

struct LoopPlan {
  std::int64_t bound = 1;
  std::uint32_t extent_value = RDU_NONE;
};

struct NodePlan {
  const rdu_node* node = nullptr;  // NULL: not part of this executable
  std::vector<LoopPlan> loops;
  std::uint32_t num_parallel = 0;
  std::uint32_t num_reads = 0;
  std::vector<AccessPlan>
      accesses;  // the reads, the writes that have an access, the sources of indirect indices
  std::vector<std::uint32_t> over_all_loops;       // accesses that follow the whole domain
  std::vector<std::uint32_t> over_parallel_loops;  // accesses that follow the parallel loops only
  Program body;
  Program epilogue;
  std::vector<rdu_port> ports;
  std::uint64_t hidden_state_bytes = 0;  // scan: carried values that nobody wants at the end

  std::uint32_t num_loops() const { return static_cast<std::uint32_t>(loops.size()); }
  const AccessPlan& write(std::uint32_t w) const { return accesses[num_reads + w]; }
};

NodePlan plan_node(const plugin::Graph& graph, const rdu_node& node);

// Bytes of workspace that a run of the node needs, nodes of its sub-graphs not counted.
std::uint64_t workspace_bytes(const NodePlan& plan);

}  // namespace rdu::reference
