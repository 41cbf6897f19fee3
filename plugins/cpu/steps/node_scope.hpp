// What the builders of steps share.
#pragma once

#include <memory>

#include "plugins/cpu/body/body.hpp"
#include "plugins/cpu/contract/channel_blocks.hpp"
#include "plugins/cpu/steps/pool_shape.hpp"
#include "plugins/cpu/steps/step.hpp"

namespace rdu::cpu {

class PackedMemory;

struct BuildContext {
  plugin::Graph graph;
  const Places& places;
  const Kernels& kernels;
  PackedMemory* packed = nullptr;  // for building steps
};

inline NodeScope scope_of(const BuildContext& context, const rdu_node& node) {
  NodeScope scope{context.graph, context.places};
  for (const rdu_loop& loop : context.graph.loops(node)) {
    scope.extents[scope.num_loops++] = loop.extent;
  }
  return scope;
}

// The loop that runs over channels (dimension 1) of an access from the start of some block on, or kMaxLoops.
template <class GraphAccess>
std::uint32_t channel_loop_of(const plugin::Graph& graph, const GraphAccess& access) {
  if (access.first_index == RDU_NONE || graph.value(access.value).rank < 2) return kMaxLoops;
  const rdu_index& index = graph.indices(access)[1];
  const bool bare = index.offset >= 0 && index.offset % kChannelBlock == 0 && index.div == 1 &&
                    index.mod == 0 && index.source == RDU_NONE && index.num_terms == 1;
  if (!bare || graph.terms(index)[0].coef != 1) return kMaxLoops;
  return graph.terms(index)[0].loop;
}

// Where the node sees values in blocks of channels, their loop becomes two: blocks, and channels of a block.
inline NodeScope split_scope_of(const BuildContext& context, const rdu_node& node) {
  NodeScope scope = scope_of(context, node);
  const auto look = [&](const auto& access) {
    if (scope.split != kMaxLoops || !context.places.blocked(access.value)) return;
    const std::uint32_t loop = channel_loop_of(context.graph, access);
    if (loop < node.num_parallel) scope.split = loop;
  };
  for (const rdu_write& write : context.graph.writes(node)) look(write);
  for (const rdu_read& read : context.graph.reads(node)) look(read);
  if (scope.split == kMaxLoops) return scope;
  // The channels that fill a last block exist for maps and windows of whole values only.
  const bool whole = node.pattern == RDU_PATTERN_MAP || match_pool(context.graph, node);
  if (!whole && scope.extents[scope.split] % kChannelBlock != 0) {
    scope.split = kMaxLoops;
    return scope;
  }
  for (std::uint32_t l = scope.num_loops++; l > scope.split + 1; --l)
    scope.extents[l] = scope.extents[l - 1];
  scope.extents[scope.split] = channel_blocks(scope.extents[scope.split]);
  scope.extents[scope.split + 1] = kChannelBlock;
  return scope;
}

inline Nest nest_of(const BuildContext& context, const rdu_node& node, std::uint32_t split) {
  Nest nest;
  std::uint32_t number = 0;
  for (const rdu_loop& loop : context.graph.loops(node)) {
    const std::uint32_t l = nest.num_loops++;
    nest.extents[l].bound = loop.extent;
    if (loop.extent_value != RDU_NONE) {
      nest.extents[l].value = context.places.place_of(loop.extent_value);
    }
    if (number >= node.num_parallel) nest.reduction |= 1u << l;
    if (number++ != split) continue;
    nest.extents[l].bound = channel_blocks(loop.extent);
    nest.extents[nest.num_loops++].bound = kChannelBlock;
  }
  return nest;
}

inline Nest nest_of(const BuildContext& context, const rdu_node& node) {
  return nest_of(context, node, kMaxLoops);
}

// Does the loop move at all?
inline bool moves(const Extent& extent) { return extent.bound != 1 || !extent.fixed(); }

std::unique_ptr<Step> make_step(const BuildContext& context, const rdu_node& node);

// By pattern. The node passed check_section.
std::unique_ptr<Step> make_map_step(const BuildContext& context, const rdu_node& node);
std::unique_ptr<Step> make_reduce_step(const BuildContext& context, const rdu_node& node);
// Null where the node does not move channels between values in blocks.
std::unique_ptr<Step> make_channel_move_step(const BuildContext& context, const rdu_node& node);
// Null where the reduction has no windows.
std::unique_ptr<Step> make_pool_step(const BuildContext& context, const rdu_node& node);
// Null where it sums no bytes over whole images in blocks of channels, or its result lies so.
std::unique_ptr<Step> make_image_sum_step(const BuildContext& context, const rdu_node& node);
std::unique_ptr<Step> make_contract_step(const BuildContext& context, const rdu_node& node);
std::unique_ptr<Step> make_scatter_step(const BuildContext& context, const rdu_node& node);
std::unique_ptr<Step> make_scan_step(const BuildContext& context, const rdu_node& node);
std::unique_ptr<Step> make_filter_step(const BuildContext& context, const rdu_node& node);
std::unique_ptr<Step> make_sort_step(const BuildContext& context, const rdu_node& node);
std::unique_ptr<Step> make_control_step(const BuildContext& context, const rdu_node& node);

}  // namespace rdu::cpu
