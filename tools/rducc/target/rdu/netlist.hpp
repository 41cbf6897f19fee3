// Units and the wires between them, as placement sees them.
#pragma once

#include <rdu_hw/arch.h>

#include <vector>

#include "tools/rducc/target/rdu/units.hpp"

namespace rducc::rdu {

struct Netlist {
  struct Wire {
    std::vector<std::uint32_t> units;  // ascending, each once; two or more
    std::uint64_t weight = 1;
  };
  std::vector<std::uint32_t> types;  // of units, RDU_HW_UNIT_
  std::vector<Wire> wires;
};
// What a wire weighs. kTraffic: what travels over it; the busiest weighs some thousand times an idle one. kRoom: what it takes of a bundle,
// however little travels, and more where it ends in many places.
enum class Weighing { kTraffic, kRoom };
// Links that stay inside a unit are left out.
Netlist netlist_of(const Parts& parts, const std::vector<Unit>& units, const rdu_hw_arch& arch,
                   Weighing weighing);

}  // namespace rducc::rdu
