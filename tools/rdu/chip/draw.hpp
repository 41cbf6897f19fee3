// The parts that a floorplan is drawn from; each begins at (0, 0) of the group it is drawn into.
#pragma once

#include <string>
#include <vector>

#include "tools/rdu/chip/chip_section.hpp"
#include "tools/rdu/chip/mesh_layout.hpp"
#include "tools/rdu/chip/svg.hpp"

namespace rdu::tool {

// All that is shown of one section.
struct FloorplanPage {
  const ChipWork& work;
  const ChipProgram& program;
  const ChipSection& section;
  const MeshLayout& layout;
  const std::vector<std::string>& texts;  // of the image's contexts
  std::uint32_t number = 0;               // of the section in the work
  std::uint32_t of = 1;

  bool counted() const { return section.counters != nullptr; }
};

inline constexpr double kHeaderHeight = 132;
inline constexpr double kLegendWidth = 328;

// "f3", "s3": the class of a group's colour; `prefix` is 'f' for fill or 's' for stroke.
std::string colour_class(const ChipSection& section, std::uint32_t group, char prefix);

// What stands for a group in a unit and in the legend: its number, from 1.
std::string group_mark(const ChipSection& section, std::uint32_t group);

void draw_header(Svg& svg, const FloorplanPage& page, double width);
void draw_mesh(Svg& svg, const FloorplanPage& page);  // tiles, switches, idle units
// Those that stay within one unit have no way to draw.
void draw_links(Svg& svg, const FloorplanPage& page);
void draw_units(Svg& svg, const FloorplanPage& page);
// Entries that do not fit into `height` are counted in a last line. Returns the height in use.
double draw_legend(Svg& svg, const FloorplanPage& page, double height);
// What units share: the shapes that they are clipped to.
void draw_shapes(Svg& svg, const MeshLayout& layout);

}  // namespace rdu::tool
