// Switches, and where a hop leads.
#pragma once

#include <rdu_hw/config.h>

namespace rdu_hw::image {

struct Switch {
  std::uint32_t row;
  std::uint32_t column;
};

// Beyond the north and the west of the mesh lies a row or column of a number that no mesh has.
inline Switch end_of(const rdu_hw_hop& hop) {
  switch (hop.side) {
    case RDU_HW_SIDE_WEST:
      return {hop.row, hop.column - 1};
    case RDU_HW_SIDE_EAST:
      return {hop.row, hop.column + 1};
    case RDU_HW_SIDE_NORTH:
      return {hop.row - 1, hop.column};
    default:
      return {hop.row + 1, hop.column};
  }
}

}  // namespace rdu_hw::image
