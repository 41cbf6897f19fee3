// Ways of links through the mesh of switches: negotiated congestion, trees for multicast, one search a kind of wire.
#pragma once

#include <rdu_hw/arch.h>

#include <vector>

#include "sdk/base/result.hpp"
#include "tools/rducc/target/rdu/place.hpp"

namespace rducc::rdu {

// A link's way, as the image has it.
struct Route {
  std::uint32_t entry_row = 0;
  std::uint32_t entry_column = 0;
  std::vector<rdu_hw_hop> hops;
  std::vector<std::uint32_t>
      sinks;  // by sink: the hop that ends at its switch, RDU_HW_NONE: the entry
};

// Hops from the entry to the sink.
std::uint32_t num_hops(const Route& route, std::uint32_t sink);

// A route for each link; empty ones in an ideal network. kLimit, with the wires that too many links want, when there is none.
base::Result<std::vector<Route>> route_links(const Parts& parts, const std::vector<Unit>& units,
                                             const std::vector<Site>& sites,
                                             const rdu_hw_arch& arch);

}  // namespace rducc::rdu
