// The mesh as it stands there, and on it each unit in use: a row for each context, filled as far as it was busy.
#include <algorithm>
#include <set>

#include "tools/rdu/chip/context_title.hpp"
#include "tools/rdu/chip/draw.hpp"
#include "tools/rdu/chip/palette.hpp"
#include "tools/rdu/chip/quantity.hpp"

namespace rdu::tool {

namespace {

constexpr double kNamedSide = 54;  // from here on there is room for names
constexpr double kNumberedSide = 14;
constexpr double kLetterWidth = 0.58;  // of the size of a font
constexpr std::array<const char*, 3> kShapes = {"pcu", "pmu", "agcu"};

double pcu_radius(double side) { return side * 0.26; }
double pmu_radius(double side) { return std::min(side * 0.05, 2.0); }

std::string rounded(const Box& box, double radius) {
  const std::string r = px(radius), arc = "a" + r + " " + r + " 0 0 1 ";
  const std::string h = px(box.width - 2 * radius), v = px(box.height - 2 * radius);
  return "M" + px(box.x + radius) + " " + px(box.y) + "h" + h + arc + r + " " + r + "v" + v + arc +
         "-" + r + " " + r + "h-" + h + arc + "-" + r + " -" + r + "v-" + v + arc + r + " -" + r +
         "z";
}

void draw_idle(Svg& svg, const FloorplanPage& page) {
  std::set<std::pair<std::uint32_t, std::uint32_t>> used;
  std::set<std::uint32_t> agcus;
  for (const SectionUnit& unit : page.section.units) {
    if (unit.kind == RDU_HW_UNIT_AGCU) {
      agcus.insert(unit.row);
    } else {
      used.insert({unit.row, unit.column});
    }
  }
  const rdu_hw_arch& arch = page.work.arch;
  const double side = page.layout.unit_side();
  std::string path;
  for (std::uint32_t r = 0; r < rdu_hw_arch_mesh_rows(&arch); ++r) {
    for (std::uint32_t c = 0; c < rdu_hw_arch_mesh_columns(&arch); ++c) {
      if (used.contains({r, c})) continue;
      path += rounded(page.layout.unit(r, c),
                      rdu_hw_arch_is_pcu(r, c) != 0 ? pcu_radius(side) : pmu_radius(side));
    }
  }
  for (std::uint32_t n = 0; n < arch.agcu.count; ++n) {
    if (agcus.contains(n)) continue;
    const Box box = page.layout.agcu(n);
    path += rounded(box, box.height / 2);
  }
  if (!path.empty()) svg.element("path", {{"class", "idle"}, {"d", path}});
}

void draw_switches(Svg& svg, const FloorplanPage& page) {
  const double side = std::clamp(page.layout.pitch() * 0.05, 1.2, 4.0);
  std::string path;
  for (std::uint32_t r = 0; r <= rdu_hw_arch_mesh_rows(&page.work.arch); ++r) {
    for (std::uint32_t c = 0; c <= rdu_hw_arch_mesh_columns(&page.work.arch); ++c) {
      const Point at = page.layout.switch_at(r, c);
      path += "M" + px(at.x - side / 2) + " " + px(at.y - side / 2) + "h" + px(side) + "v" +
              px(side) + "h-" + px(side) + "z";
    }
  }
  svg.element("path", {{"class", "switch"}, {"d", path}});
}

class UnitDrawer {
 public:
  UnitDrawer(Svg& svg, const FloorplanPage& page, const SectionUnit& unit)
      : svg_(svg), page_(page), unit_(unit), box_(box_of(page, unit)) {}

  void run() {
    svg_.open("g", {{"transform", "translate(" + px(box_.x) + " " + px(box_.y) + ")"}});
    svg_.open("g", {{"clip-path", std::string("url(#") + kShapes[unit_.kind] + ")"}});
    svg_.element("rect",
                 {{"class", "cell"}, {"width", px(box_.width)}, {"height", px(box_.height)}});
    for (std::size_t i = 0; i < unit_.contexts.size(); ++i) draw_row(i);
    draw_gauge();
    svg_.close("g");
    svg_.element("use",
                 {{"class", "seat"}, {"href", std::string("#") + kShapes[unit_.kind] + "-o"}});
    if (box_.width < kNamedSide && box_.width >= kNumberedSide) draw_numbers();
    svg_.close("g");
  }

 private:
  static Box box_of(const FloorplanPage& page, const SectionUnit& unit) {
    return unit.kind == RDU_HW_UNIT_AGCU ? page.layout.agcu(unit.row)
                                         : page.layout.unit(unit.row, unit.column);
  }
  const SectionContext& context(std::size_t i) const {
    return page_.section.contexts[unit_.contexts[i]];
  }
  double row_height() const { return box_.height / static_cast<double>(unit_.contexts.size()); }

  void draw_row(std::size_t i) {
    const SectionContext& shown = context(i);
    const std::string colour = colour_class(page_.section, shown.group, 'f');
    const double y = row_height() * static_cast<double>(i);
    const double height =
        row_height() - (i + 1 < unit_.contexts.size() && row_height() > 4 ? 1 : 0);
    const double level = page_.counted() ? shown.busy : 1;
    svg_.open("g");
    svg_.title(context_title(page_, shown));
    svg_.element("rect", {{"class", colour + " tint"},
                          {"y", px(y)},
                          {"width", px(box_.width)},
                          {"height", px(height)}});
    if (level > 0) {
      svg_.element("rect", {{"class", colour},
                            {"y", px(y)},
                            {"width", px(box_.width * level)},
                            {"height", px(height)}});
    }
    if (box_.width >= kNamedSide && row_height() >= 9) draw_name(shown, y);
    svg_.close("g");
  }

  void draw_name(const SectionContext& shown, double y) {
    const bool two_lines = row_height() >= 30;
    const double size = std::min(11.0, row_height() * (two_lines ? 0.4 : 0.72));
    const double margin = unit_.kind == RDU_HW_UNIT_PMU ? 5 : 8;
    const auto letters =
        static_cast<std::size_t>((box_.width - 2 * margin) / (kLetterWidth * size));
    const double middle = y + row_height() / 2;
    const auto line = [&](double baseline, const char* style, const std::string& text) {
      svg_.text("text",
                {{"class", style}, {"x", px(margin)}, {"y", px(baseline)}, {"font-size", px(size)}},
                text);
    };
    line(two_lines ? middle - size * 0.2 : middle + size * 0.36, "halo",
         shorten(group_mark(page_.section, shown.group) + " " + shown.name, letters));
    if (!two_lines) return;
    line(middle + size * 1.05, "halo",
         page_.counted() ? percent_text(shown.busy) : shorten(seat_text(unit_), letters));
  }

  // One for all rows that belong together, or one for each where there is room.
  void draw_numbers() {
    std::set<std::uint32_t> groups;
    for (std::size_t i = 0; i < unit_.contexts.size(); ++i) groups.insert(context(i).group);
    if (groups.size() == 1) {
      draw_number(*groups.begin(), box_.height / 2, std::min(10.0, box_.height * 0.5));
    } else if (row_height() >= 8) {
      for (std::size_t i = 0; i < unit_.contexts.size(); ++i) {
        draw_number(context(i).group, row_height() * (static_cast<double>(i) + 0.5),
                    std::min(9.0, row_height() * 0.9));
      }
    }
  }

  void draw_number(std::uint32_t group, double middle, double size) {
    svg_.text("text",
              {{"class", "halo mid"},
               {"x", px(box_.width / 2)},
               {"y", px(middle + size * 0.36)},
               {"font-size", px(size)}},
              group_mark(page_.section, group));
  }

  // How much of a scratchpad has an owner, at its right side.
  void draw_gauge() {
    if (unit_.scratchpad_bytes == 0) return;
    const double share = std::min(1.0, static_cast<double>(unit_.scratchpad_bytes) /
                                           static_cast<double>(page_.work.arch.pmu.bytes));
    const double width = std::max(2.0, box_.width * 0.06), height = box_.height * share;
    svg_.open("g");
    svg_.title(seat_text(unit_) + ": " + bytes_text(unit_.scratchpad_bytes) + " of " +
               bytes_text(page_.work.arch.pmu.bytes));
    svg_.element("rect", {{"class", "gauge"},
                          {"x", px(box_.width - width)},
                          {"y", px(box_.height - height)},
                          {"width", px(width)},
                          {"height", px(height)}});
    svg_.close("g");
  }

  Svg& svg_;
  const FloorplanPage& page_;
  const SectionUnit& unit_;
  Box box_;
};

}  // namespace

std::string colour_class(const ChipSection& section, std::uint32_t group, char prefix) {
  const std::string stroke = prefix == 's' ? "s" : "";
  if (!section.groups[group].has_name) return stroke + "none";
  return prefix + std::to_string(colour_of(group, section.groups.size()));
}

std::string group_mark(const ChipSection& section, std::uint32_t group) {
  return section.groups[group].has_name ? std::to_string(group + 1) : "–";
}

void draw_shapes(Svg& svg, const MeshLayout& layout) {
  const double side = layout.unit_side();
  const std::array<double, 3> widths = {side, side, layout.agcu_width()};
  const std::array<double, 3> heights = {side, side, layout.agcu_height()};
  const std::array<double, 3> radii = {pcu_radius(side), pmu_radius(side),
                                       layout.agcu_height() / 2};
  svg.open("defs");
  for (std::size_t i = 0; i < kShapes.size(); ++i) {
    const std::string name = kShapes[i];
    const auto rect = [&](const std::string& id) {
      svg.element(
          "rect",
          {{"id", id}, {"width", px(widths[i])}, {"height", px(heights[i])}, {"rx", px(radii[i])}});
    };
    svg.open("clipPath", {{"id", name}});
    rect(name + "-c");
    svg.close("clipPath");
    rect(name + "-o");
  }
  svg.close("defs");
}

void draw_mesh(Svg& svg, const FloorplanPage& page) {
  const rdu_hw_grid& grid = page.work.arch.grid;
  for (std::uint32_t r = 0; r < grid.tile_rows; ++r) {
    for (std::uint32_t c = 0; c < grid.tile_columns; ++c) {
      const Box tile = page.layout.tile(r, c);
      svg.element("rect", {{"class", "tile"},
                           {"x", px(tile.x + 1)},
                           {"y", px(tile.y + 1)},
                           {"width", px(tile.width - 2)},
                           {"height", px(tile.height - 2)},
                           {"rx", "6"}});
    }
  }
  draw_idle(svg, page);
  draw_switches(svg, page);
}

void draw_units(Svg& svg, const FloorplanPage& page) {
  for (const SectionUnit& unit : page.section.units) UnitDrawer(svg, page, unit).run();
}

}  // namespace rdu::tool
