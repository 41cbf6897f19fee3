// Scans that need nothing of each other, such as the two directions of a recurrent layer, run at the same time.
#pragma once

#include "plugins/cpu/plan/storage_plan.hpp"

namespace rdu::cpu {

inline constexpr std::size_t kMostSideBySide = 16;

// Groups of steps (numbered from `first_node`, ascending) that may run together in the place of the last of them. What
// they touch lives until then: `storage` is told.
std::vector<std::vector<std::uint32_t>> find_side_by_side(plugin::Graph graph,
                                                          std::uint32_t first_node,
                                                          std::uint32_t end_node,
                                                          StoragePlan& storage);

}  // namespace rdu::cpu
