// In which order steps are made: what packs most is begun first, so that the workers finish at about the same time.
#pragma once

#include <rdu/plugin.hpp>
#include <vector>

namespace rdu::cpu {

// The nodes from `first` to `end`, by the bytes of constants that they read, the most first.
std::vector<std::uint32_t> make_order(plugin::Graph graph, std::uint32_t first, std::uint32_t end);

}  // namespace rdu::cpu
