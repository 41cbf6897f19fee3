// Puts a page for each section below the other.
#include "tools/rdu/chip/floorplan.hpp"

#include <algorithm>

#include "tools/rdu/chip/draw.hpp"
#include "tools/rdu/chip/image_text.hpp"
#include "tools/rdu/chip/palette.hpp"
#include "tools/rdu/error.hpp"

namespace rdu::tool {

namespace {

constexpr double kMargin = 28;
constexpr double kLeastWidth = 980;   // what the figures of the header take
constexpr double kGap = 30;           // between mesh and legend
constexpr double kLeastLegend = 420;  // the height that a legend may have beside the smallest chip

struct Chosen {
  const ChipProgram* program;
  std::uint32_t section;  // of the program's image
  std::uint32_t number;   // of the work
};

std::vector<Chosen> choose(const ChipWork& work, std::optional<std::uint32_t> section,
                           std::uint32_t& total) {
  std::vector<Chosen> all;
  for (const ChipProgram& program : work.programs) {
    for (std::uint32_t s = 0; s < program.image->num_sections; ++s) {
      all.push_back({&program, s, static_cast<std::uint32_t>(all.size())});
    }
  }
  total = static_cast<std::uint32_t>(all.size());
  if (section) {
    if (*section >= total) {
      throw ToolError("section " + std::to_string(*section) + ": there are " +
                      std::to_string(total) + ", numbered from 0");
    }
    return {all[*section]};
  }
  all.resize(std::min(total, kMostSections));
  return all;
}

class Floorplan {
 public:
  Floorplan(const ChipWork& work, std::uint32_t total)
      : work_(work), total_(total), layout_(work.arch) {}

  std::string run(const std::vector<Chosen>& chosen) {
    for (const Chosen& one : chosen) draw_page(one);
    const double note = chosen.size() < total_ && chosen.size() > 1 ? 24 : 0;
    const double height = y_ + note + kMargin / 2;
    Svg out;
    out.raw("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    out.open("svg", {{"xmlns", "http://www.w3.org/2000/svg"},
                     {"width", px(width())},
                     {"height", px(height)},
                     {"viewBox", "0 0 " + px(width()) + " " + px(height)}});
    out.title(work_.name + " on " + work_.arch.name);
    out.raw(" <style>" + xml_escape(style_sheet()) + "</style>\n");
    draw_shapes(out, layout_);
    out.element("rect", {{"class", "paper"}, {"width", px(width())}, {"height", px(height)}});
    out.raw(svg_.text());
    if (note != 0) {
      out.text("text",
               {{"class", "muted"}, {"x", px(kMargin)}, {"y", px(y_ + 4)}, {"font-size", "12"}},
               "The first " + std::to_string(chosen.size()) + " of " + std::to_string(total_) +
                   " sections.");
    }
    out.close("svg");
    return out.text();
  }

 private:
  double width() const { return 2 * kMargin + inner_width(); }
  double inner_width() const {
    return std::max(kLeastWidth, layout_.width() + kGap + kLegendWidth);
  }

  void draw_page(const Chosen& chosen) {
    if (texts_of_ != chosen.program) {
      texts_ = context_texts(*chosen.program->image);
      texts_of_ = chosen.program;
    }
    const ChipSection section = read_section(work_, *chosen.program, chosen.section);
    const FloorplanPage page = {work_,  *chosen.program, section, layout_,
                                texts_, chosen.number,   total_};
    begin(kMargin, y_);
    draw_header(svg_, page, inner_width());
    svg_.close("g");
    begin(kMargin, y_ + kHeaderHeight);
    draw_mesh(svg_, page);
    draw_links(svg_, page);
    draw_units(svg_, page);
    svg_.close("g");
    begin(kMargin + inner_width() - kLegendWidth, y_ + kHeaderHeight);
    const double legend = draw_legend(svg_, page, std::max(layout_.height(), kLeastLegend));
    svg_.close("g");
    y_ += kHeaderHeight + std::max(layout_.height(), legend) + 2 * kMargin;
  }

  void begin(double x, double y) {
    svg_.open("g", {{"transform", "translate(" + px(x) + " " + px(y) + ")"}});
  }

  const ChipWork& work_;
  std::uint32_t total_;
  MeshLayout layout_;
  Svg svg_{1};  // all pages
  double y_ = kMargin;
  const ChipProgram* texts_of_ = nullptr;
  std::vector<std::string> texts_;
};

}  // namespace

std::string draw_floorplan(const ChipWork& work, std::optional<std::uint32_t> section) {
  std::uint32_t total = 0;
  const std::vector<Chosen> chosen = choose(work, section, total);
  return Floorplan(work, total).run(chosen);
}

}  // namespace rdu::tool
