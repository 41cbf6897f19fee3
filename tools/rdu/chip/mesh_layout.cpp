// Scales the mesh so that its longer side is about as long for every chip, and deals the AGCUs to its sides.
#include "tools/rdu/chip/mesh_layout.hpp"

#include <rdu_hw/config.h>

#include <algorithm>
#include <array>
#include <bit>

namespace rdu::tool {

namespace {

constexpr double kLongSide = 1080;
constexpr double kLeastPitch = 24;
constexpr double kMostPitch = 132;
constexpr double kRim = 8;  // between the mesh and what stands around it

constexpr std::array kEdges = {RDU_HW_EDGE_WEST, RDU_HW_EDGE_EAST, RDU_HW_EDGE_NORTH,
                               RDU_HW_EDGE_SOUTH};

}  // namespace

Point Box::nearest(Point to) const {
  return {std::clamp(to.x, x, x + width), std::clamp(to.y, y, y + height)};
}

MeshLayout::MeshLayout(const rdu_hw_arch& arch) : arch_(arch) {
  const double rows = rdu_hw_arch_mesh_rows(&arch), columns = rdu_hw_arch_mesh_columns(&arch);
  pitch_ = std::clamp(kLongSide / std::max(rows, columns), kLeastPitch, kMostPitch);
  side_ = pitch_ * (pitch_ > 60 ? 0.72 : 0.64);
  agcu_width_ = std::min(side_, 0.66 * pitch_);
  width_ = columns * pitch_;
  height_ = rows * pitch_;
  place_agcus();
}

// In the order of rdu_hw_arch_agcu_switch. On a side there is one at most for each switch, but a corner is of two sides.
void MeshLayout::place_agcus() {
  const double w = agcu_width(), h = agcu_height();
  const std::uint32_t edges = arch_.agcu.edges;
  const bool beside = (edges & (RDU_HW_EDGE_WEST | RDU_HW_EDGE_EAST)) != 0;
  const double across = kRim + w / 2, down = (beside ? h / 2 : 0) + kRim + h / 2;
  const auto room = [&](std::uint32_t edge, double away, double size) {
    return (edges & edge) != 0 ? away + size / 2 : kRim + size / 2;
  };
  left_ = room(RDU_HW_EDGE_WEST, across, w);
  top_ = room(RDU_HW_EDGE_NORTH, down, h);
  width_ += left_ + room(RDU_HW_EDGE_EAST, across, w);
  height_ += top_ + room(RDU_HW_EDGE_SOUTH, down, h);
  const auto sides = static_cast<std::uint32_t>(std::popcount(edges));
  std::uint32_t dealt = 0;
  for (const std::uint32_t edge : kEdges) {
    if ((edges & edge) == 0) continue;
    const std::uint32_t count =
        arch_.agcu.count / sides + (dealt++ < arch_.agcu.count % sides ? 1 : 0);
    const double dx = edge == RDU_HW_EDGE_WEST ? -across : edge == RDU_HW_EDGE_EAST ? across : 0;
    const double dy = edge == RDU_HW_EDGE_NORTH ? -down : edge == RDU_HW_EDGE_SOUTH ? down : 0;
    for (std::uint32_t k = 0; k < count; ++k) {
      std::uint32_t row = 0, column = 0;
      rdu_hw_arch_agcu_switch(&arch_, static_cast<std::uint32_t>(agcus_.size()), &row, &column);
      const Point at = switch_at(row, column);
      agcus_.push_back({at.x + dx - w / 2, at.y + dy - h / 2, w, h});
    }
  }
}

Box MeshLayout::unit(std::uint32_t row, std::uint32_t column) const {
  const double inset = (pitch_ - side_) / 2;
  const Point corner = switch_at(row, column);
  return {corner.x + inset, corner.y + inset, side_, side_};
}

Point MeshLayout::switch_at(std::uint32_t row, std::uint32_t column) const {
  return {left_ + pitch_ * column, top_ + pitch_ * row};
}

Box MeshLayout::tile(std::uint32_t row, std::uint32_t column) const {
  const Point corner = switch_at(row * arch_.grid.rows, column * arch_.grid.columns);
  return {corner.x, corner.y, pitch_ * arch_.grid.columns, pitch_ * arch_.grid.rows};
}

double MeshLayout::wire_offset(std::uint32_t kind, std::uint32_t side, std::uint32_t number) const {
  static constexpr std::array<double, 4> kBands = {0.04, 0.56, 0.80, 1.0};
  const std::array<std::uint32_t, 3> links = {
      arch_.network.vector_links, arch_.network.scalar_links, arch_.network.control_links};
  const double share = (number + 0.5) / std::max(links[kind], 1u);
  const double place = kBands[kind] + share * (kBands[kind + 1] - kBands[kind]);
  const bool right_is_positive = side == RDU_HW_SIDE_EAST || side == RDU_HW_SIDE_NORTH;
  return (right_is_positive ? 1 : -1) * place * (pitch_ - side_) / 2 * 0.9;
}

}  // namespace rdu::tool
