// Scales the mesh so that its longer side is about as long for every chip, and deals the AGCUs to its sides.
#include "tools/rdu/chip/mesh_layout.hpp"

#include <rdu_hw/config.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace rdu::tool {

namespace {

constexpr double kLongSide = 1080;
constexpr double kLeastPitch = 24;
constexpr double kMostPitch = 132;
constexpr double kRim = 8;  // around the mesh, and between AGCUs that share a switch

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

// In the order of rdu_hw_arch_agcu_switch; those that share a switch stand one behind the other.
void MeshLayout::place_agcus() {
  std::uint32_t sides = 0, dealt = 0, number = 0;
  for (const std::uint32_t edge : kEdges) sides += (arch_.agcu.edges & edge) != 0 ? 1 : 0;
  std::map<std::uint32_t, std::uint32_t> deepest;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> places;  // edge, depth
  for (const std::uint32_t edge : kEdges) {
    if ((arch_.agcu.edges & edge) == 0) continue;
    const std::uint32_t count =
        arch_.agcu.count / sides + (dealt++ < arch_.agcu.count % sides ? 1 : 0);
    std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> standing;
    for (std::uint32_t k = 0; k < count; ++k, ++number) {
      std::uint32_t row = 0, column = 0;
      rdu_hw_arch_agcu_switch(&arch_, number, &row, &column);
      const std::uint32_t depth = standing[{row, column}]++;
      places.emplace_back(edge, depth);
      deepest[edge] = std::max(deepest[edge], depth + 1);
    }
  }
  const double w = agcu_width(), h = agcu_height();
  const auto room = [&](std::uint32_t edge) {
    const bool beside = edge == RDU_HW_EDGE_WEST || edge == RDU_HW_EDGE_EAST;
    // At a corner, half of it stands out on the other side.
    return kRim + std::max(deepest[edge] * ((beside ? w : h) + kRim), (beside ? w : h) / 2);
  };
  left_ = room(RDU_HW_EDGE_WEST);
  top_ = room(RDU_HW_EDGE_NORTH);
  for (number = 0; number < places.size(); ++number) {
    const auto [edge, depth] = places[number];
    std::uint32_t row = 0, column = 0;
    rdu_hw_arch_agcu_switch(&arch_, number, &row, &column);
    const Point at = switch_at(row, column);
    const double across = kRim + w / 2 + (w + kRim) * depth,
                 down = kRim + h / 2 + (h + kRim) * depth;
    const double dx = edge == RDU_HW_EDGE_WEST ? -across : edge == RDU_HW_EDGE_EAST ? across : 0;
    const double dy = edge == RDU_HW_EDGE_NORTH ? -down : edge == RDU_HW_EDGE_SOUTH ? down : 0;
    agcus_.push_back({at.x + dx - w / 2, at.y + dy - h / 2, w, h});
  }
  width_ += left_ + room(RDU_HW_EDGE_EAST);
  height_ += top_ + room(RDU_HW_EDGE_SOUTH);
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
