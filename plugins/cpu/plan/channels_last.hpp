// Which values lie with their channels last: those that convolutions of 16-bit floats hand to each other.
#pragma once

#include "plugins/cpu/plan/storage_plan.hpp"
#include "plugins/cpu/simd/kernels.hpp"

namespace rdu::cpu {

// Marks slots of `storage`, after the choice of blocks of channels. Nodes [first, end) of graph 0 are all that see the
// scratch slots.
void choose_channels_last(plugin::Graph graph, std::uint32_t first_node, std::uint32_t end_node,
                          const Kernels& kernels, StoragePlan& storage);

}  // namespace rdu::cpu
