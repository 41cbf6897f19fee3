// Beside the mesh: the graph's nodes with their colours, and what the shapes and lines mean.
#include <algorithm>
#include <array>

#include "tools/rdu/chip/draw.hpp"
#include "tools/rdu/chip/quantity.hpp"

namespace rdu::tool {

namespace {

constexpr double kLine = 19;
constexpr double kKeyHeight = 152;
constexpr std::array<double, 4> kColumns = {222, 252, 286, kLegendWidth};  // right edges

void draw_cells(Svg& svg, double y, const std::array<std::string, 4>& cells) {
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (cells[i].empty()) continue;
    svg.text("text",
             {{"class", "muted end"}, {"x", px(kColumns[i])}, {"y", px(y)}, {"font-size", "11"}},
             cells[i]);
  }
}

std::string some(std::uint32_t count) { return count == 0 ? "" : std::to_string(count); }

void draw_entry(Svg& svg, const FloorplanPage& page, std::uint32_t number, double y) {
  const SectionGroup& group = page.section.groups[number];
  svg.open("g");
  svg.title(shorten(group.name, 400));
  svg.element("rect", {{"class", colour_class(page.section, number, 'f')},
                       {"y", px(y - 11)},
                       {"width", "20"},
                       {"height", "14"},
                       {"rx", "4"}});
  svg.text("text", {{"class", "halo mid"}, {"x", "10"}, {"y", px(y)}, {"font-size", "10"}},
           group_mark(page.section, number));
  svg.text("text", {{"x", "27"}, {"y", px(y)}, {"font-size", "12"}},
           shorten_inside(group.name, 22));
  draw_cells(svg, y,
             {some(group.units[0]), some(group.units[1]), some(group.units[2]),
              page.counted() ? percent_text(group.busy) : ""});
  svg.close("g");
}

void draw_key_line(Svg& svg, double y, const char* text) {
  svg.text("text", {{"class", "muted"}, {"x", "27"}, {"y", px(y)}, {"font-size", "11"}}, text);
}

double draw_key(Svg& svg, double top) {
  struct Shape {
    const char* radius;
    const char* text;
  };
  constexpr std::array<Shape, 3> kShapes = {
      {{"4", "PCU: a row for each context, filled while busy"},
       {"1", "PMU: at its right, the scratchpad in use"},
       {"7", "AGCU, at the memory"}}};
  double y = top;
  svg.element("path", {{"class", "line"}, {"d", "M0 " + px(y) + "H" + px(kLegendWidth)}});
  for (const Shape& shape : kShapes) {
    y += kLine;
    svg.element("rect", {{"class", "idle"},
                         {"x", "3"},
                         {"y", px(y - 11)},
                         {"width", "14"},
                         {"height", "14"},
                         {"rx", shape.radius}});
    draw_key_line(svg, y, shape.text);
  }
  constexpr std::array<std::array<const char*, 2>, 3> kLinks = {
      {{"vector", "vectors, in the colour of their source"},
       {"scalar", "words"},
       {"control", "tokens"}}};
  for (const auto& [kind, text] : kLinks) {
    y += kLine;
    svg.element("path", {{"class", std::string("route snone ") + kind},
                         {"stroke-width", "1.6"},
                         {"d", "M1 " + px(y - 4) + "H19"}});
    draw_key_line(svg, y, text);
  }
  return y + kLine;
}

}  // namespace

double draw_legend(Svg& svg, const FloorplanPage& page, double height) {
  const auto count = static_cast<std::uint32_t>(page.section.groups.size());
  const auto room =
      static_cast<std::uint32_t>(std::max(8.0, (height - kKeyHeight - 2 * kLine) / kLine));
  const std::uint32_t shown = count <= room ? count : room - 1;
  double y = 11;
  svg.text("text", {{"class", "muted"}, {"y", px(y)}, {"font-size", "11"}},
           page.section.by_node ? "node of the graph" : "context");
  draw_cells(svg, y, {"PCU", "PMU", "AGCU", page.counted() ? "busy" : ""});
  for (std::uint32_t i = 0; i < shown; ++i) draw_entry(svg, page, i, y += kLine);
  if (shown < count) {
    draw_key_line(svg, y += kLine, (std::to_string(count - shown) + " more").c_str());
  }
  return draw_key(svg, y + kLine);
}

}  // namespace rdu::tool
