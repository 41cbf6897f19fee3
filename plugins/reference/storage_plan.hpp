// Where the values of an executable lie: bound by the host, in constants, or in the arena of a run.
#pragma once

#include <cstdint>
#include <rdu/plugin/graph.hpp>
#include <vector>

#include "plugins/reference/visit.hpp"

namespace rdu::reference {

inline constexpr std::uint64_t kNotInArena = ~std::uint64_t{0};

struct StoragePlan {
  std::vector<std::uint64_t> offsets;  // by value: of storage owners in the arena, else kNotInArena
  std::vector<std::uint32_t> bound;    // storage owners that the host has to bind, ascending
  std::uint64_t arena_bytes = 0;
};

StoragePlan plan_storage(const plugin::Graph& graph, std::uint32_t first_section,
                         std::uint32_t end_section, const Reach& reach);

}  // namespace rdu::reference
