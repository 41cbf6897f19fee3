// What the builders of steps share.
#pragma once

#include <memory>

#include "plugins/cpu/body/body.hpp"
#include "plugins/cpu/steps/step.hpp"

namespace rdu::cpu {

struct BuildContext {
  plugin::Graph graph;
  const Places& places;
  const Kernels& kernels;
};

inline NodeScope scope_of(const BuildContext& context, const rdu_node& node) {
  NodeScope scope{context.graph, context.places};
  for (const rdu_loop& loop : context.graph.loops(node)) {
    scope.extents[scope.num_loops++] = loop.extent;
  }
  return scope;
}

inline Nest nest_of(const BuildContext& context, const rdu_node& node) {
  Nest nest;
  for (const rdu_loop& loop : context.graph.loops(node)) {
    const std::uint32_t l = nest.num_loops++;
    nest.extents[l].bound = loop.extent;
    if (loop.extent_value != RDU_NONE) {
      nest.extents[l].value = context.places.place_of(loop.extent_value);
    }
    if (l >= node.num_parallel) nest.reduction |= 1u << l;
  }
  return nest;
}

// Does the loop move at all?
inline bool moves(const Extent& extent) { return extent.bound != 1 || !extent.fixed(); }

std::unique_ptr<Step> make_step(const BuildContext& context, const rdu_node& node);

// By pattern. The node passed check_section.
std::unique_ptr<Step> make_map_step(const BuildContext& context, const rdu_node& node);
std::unique_ptr<Step> make_reduce_step(const BuildContext& context, const rdu_node& node);
std::unique_ptr<Step> make_contract_step(const BuildContext& context, const rdu_node& node);
std::unique_ptr<Step> make_scatter_step(const BuildContext& context, const rdu_node& node);
std::unique_ptr<Step> make_scan_step(const BuildContext& context, const rdu_node& node);
std::unique_ptr<Step> make_filter_step(const BuildContext& context, const rdu_node& node);
std::unique_ptr<Step> make_sort_step(const BuildContext& context, const rdu_node& node);
std::unique_ptr<Step> make_control_step(const BuildContext& context, const rdu_node& node);

}  // namespace rdu::cpu
