// Where the parts of a chip lie in a picture of it: the mesh of units, switches at their corners, AGCUs around it.
#pragma once

#include <rdu_hw/arch.h>

#include <cstdint>
#include <vector>

namespace rdu::tool {

struct Point {
  double x = 0, y = 0;
  bool operator==(const Point&) const = default;
};

struct Box {
  double x = 0, y = 0, width = 0, height = 0;

  Point centre() const { return {x + width / 2, y + height / 2}; }
  Point nearest(Point to) const;  // the point of the box that is nearest to `to`
};

class MeshLayout {
 public:
  explicit MeshLayout(const rdu_hw_arch& arch);

  double width() const { return width_; }
  double height() const { return height_; }
  double unit_side() const { return side_; }
  double agcu_width() const { return agcu_width_; }
  double agcu_height() const { return agcu_width_ * 0.66; }
  double pitch() const { return pitch_; }  // from one unit to the next

  Box unit(std::uint32_t row, std::uint32_t column) const;
  Box agcu(std::uint32_t number) const { return agcus_[number]; }
  Point switch_at(std::uint32_t row, std::uint32_t column) const;
  Box tile(std::uint32_t row, std::uint32_t column) const;
  // How far a wire lies beside the line between two switches: traffic keeps right, vectors inside, control outside.
  double wire_offset(std::uint32_t kind, std::uint32_t side, std::uint32_t number) const;

 private:
  void place_agcus();

  rdu_hw_arch arch_;
  double pitch_, side_, agcu_width_;
  double left_ = 0, top_ = 0;  // of the mesh of switches
  double width_ = 0, height_ = 0;
  std::vector<Box> agcus_;
};

}  // namespace rdu::tool
