// Which values lie in blocks of 16 channels: those that convolutions hand to each other, with what may stand between.
#pragma once

#include "plugins/cpu/plan/storage_plan.hpp"
#include "plugins/cpu/simd/kernels.hpp"

namespace rdu::cpu {

// Marks slots of `storage` as blocked, and makes room for the channels that fill the last block. Nodes [first, end) of
// graph 0 are all that see the scratch slots.
void choose_channel_layout(plugin::Graph graph, std::uint32_t first_node, std::uint32_t end_node,
                           const Kernels& kernels, StoragePlan& storage);

}  // namespace rdu::cpu
