// The switches of a chip and the bundles of wires between neighbours, numbered.
#pragma once

#include <rdu_hw/arch.h>

#include <array>
#include <vector>

#include "tools/rducc/target/rdu/place.hpp"

namespace rducc::rdu {

class Mesh {
 public:
  explicit Mesh(const rdu_hw_arch& arch)
      : arch_(arch),
        rows_(rdu_hw_arch_mesh_rows(&arch) + 1),
        columns_(rdu_hw_arch_mesh_columns(&arch) + 1) {}

  std::uint32_t num_switches() const { return rows_ * columns_; }
  std::uint32_t num_bundles() const { return 4 * num_switches(); }
  std::uint32_t row(std::uint32_t at) const { return at / columns_; }
  std::uint32_t column(std::uint32_t at) const { return at % columns_; }

  // Bundle from a switch to its neighbour: 4 · switch + RDU_HW_SIDE_. Where there is no neighbour, RDU_HW_NONE.
  std::uint32_t neighbour(std::uint32_t at, std::uint32_t side) const {
    switch (side) {
      case RDU_HW_SIDE_WEST:
        return column(at) == 0 ? RDU_HW_NONE : at - 1;
      case RDU_HW_SIDE_EAST:
        return column(at) + 1 == columns_ ? RDU_HW_NONE : at + 1;
      case RDU_HW_SIDE_NORTH:
        return row(at) == 0 ? RDU_HW_NONE : at - columns_;
      default:
        return row(at) + 1 == rows_ ? RDU_HW_NONE : at + columns_;
    }
  }
  std::uint32_t wires(std::uint32_t kind) const {
    return kind == RDU_HW_VECTOR   ? arch_.network.vector_links
           : kind == RDU_HW_SCALAR ? arch_.network.scalar_links
                                   : arch_.network.control_links;
  }
  std::uint32_t distance(std::uint32_t a, std::uint32_t b) const {
    return gap(row(a), row(b)) + gap(column(a), column(b));
  }

  // The switches beside a unit: four, or an AGCU's own.
  std::vector<std::uint32_t> doors(std::uint32_t type, const Site& site) const {
    if (type == RDU_HW_UNIT_AGCU) {
      std::uint32_t row = 0;
      std::uint32_t column = 0;
      rdu_hw_arch_agcu_switch(&arch_, site.row, &row, &column);
      return {row * columns_ + column};
    }
    const std::uint32_t corner = site.row * columns_ + site.column;
    return {corner, corner + 1, corner + columns_, corner + columns_ + 1};
  }

 private:
  static std::uint32_t gap(std::uint32_t a, std::uint32_t b) { return a < b ? b - a : a - b; }

  const rdu_hw_arch& arch_;
  std::uint32_t rows_;
  std::uint32_t columns_;
};

}  // namespace rducc::rdu
