// The head of a page: what and where, figures side by side, and how the cycles divide into phases.
#include <algorithm>
#include <array>

#include "tools/rdu/chip/draw.hpp"
#include "tools/rdu/chip/quantity.hpp"

namespace rdu::tool {

namespace {

struct Figure {
  std::string name;
  std::string value;
};

std::string used_of(std::uint64_t used, std::uint64_t all) {
  return count_text(used) + " / " + count_text(all);
}

double ratio(std::uint64_t a, std::uint64_t b) {
  return b == 0 ? 0 : static_cast<double>(a) / static_cast<double>(b);
}

std::vector<Figure> figures(const FloorplanPage& page) {
  const rdu_hw_arch& arch = page.work.arch;
  const auto& used = page.section.units_used;
  std::vector<Figure> all = {{"PCUs", used_of(used[RDU_HW_UNIT_PCU], rdu_hw_arch_num_pcus(&arch))},
                             {"PMUs", used_of(used[RDU_HW_UNIT_PMU], rdu_hw_arch_num_pmus(&arch))},
                             {"AGCUs", used_of(used[RDU_HW_UNIT_AGCU], arch.agcu.count)},
                             {"scratchpads", bytes_text(page.section.scratchpad_bytes) + " / " +
                                                 bytes_text(rdu_hw_arch_sram_bytes(&arch))}};
  if (!page.counted()) {
    if (const std::uint64_t cycles = page.program.estimated_cycles; cycles != 0) {
      all.push_back({"cycles, estimated for the program", count_text(cycles)});
    }
    return all;
  }
  const rdu_hw_section_counters& counted = *page.section.counters;
  const std::uint64_t hz = page.program.counters->clock_hz, bytes = dram_bytes(counted);
  all.push_back({"cycles, measured", count_text(counted.cycles)});
  all.push_back({"time", time_text(counted.cycles, hz)});
  all.push_back({"PCUs busy", percent_text(ratio(counted.pcu_busy_cycles,
                                                 counted.exec_cycles * counted.pcus_used))});
  all.push_back({"DRAM", bytes_text(bytes)});
  const std::uint64_t moving = counted.exec_cycles + counted.quiesce_cycles;
  const double seconds = static_cast<double>(moving) / static_cast<double>(hz);
  constexpr double kMostRate = 1e18;  // counters of a file may be anything
  const double rate = moving == 0 ? 0 : std::min(static_cast<double>(bytes) / seconds, kMostRate);
  all.push_back({"DRAM rate", bytes_text(static_cast<std::uint64_t>(rate)) + "/s"});
  if (bytes != 0) all.push_back({"op / byte", decimal_text(ratio(counted.flops, bytes), 1)});
  return all;
}

void draw_figures(Svg& svg, const FloorplanPage& page) {
  double x = 0;
  for (const Figure& figure : figures(page)) {
    svg.text("text", {{"class", "muted"}, {"x", px(x)}, {"y", "58"}, {"font-size", "11"}},
             figure.name);
    svg.text("text", {{"class", "strong"}, {"x", px(x)}, {"y", "78"}, {"font-size", "16"}},
             figure.value);
    const double letters = std::max(static_cast<double>(figure.value.size()) * 9.6,
                                    static_cast<double>(figure.name.size()) * 6.6);
    x += letters + 24;
  }
}

void draw_phases(Svg& svg, const rdu_hw_section_counters& counted, double width) {
  const std::array<std::pair<const char*, std::uint64_t>, 4> phases = {
      {{"program load", counted.program_cycles},
       {"argument load", counted.argument_cycles},
       {"execution", counted.exec_cycles},
       {"quiesce", counted.quiesce_cycles}}};
  const double all = std::max(1.0, static_cast<double>(counted.cycles));
  double x = 0, key = 0;
  for (std::size_t i = 0; i < phases.size(); ++i) {
    const double length = width * static_cast<double>(phases[i].second) / all;
    const std::string colour = "p" + std::to_string(i);
    svg.element(
        "rect",
        {{"class", colour}, {"x", px(x)}, {"y", "94"}, {"width", px(length)}, {"height", "6"}});
    x += length;
    const std::string text = std::string(phases[i].first) + " " + count_text(phases[i].second);
    svg.element("rect", {{"class", colour},
                         {"x", px(key)},
                         {"y", "107"},
                         {"width", "8"},
                         {"height", "8"},
                         {"rx", "2"}});
    svg.text("text", {{"class", "muted"}, {"x", px(key + 13)}, {"y", "115"}, {"font-size", "11"}},
             text);
    key += 13 + 6.4 * static_cast<double>(text.size()) + 18;
  }
}

}  // namespace

void draw_header(Svg& svg, const FloorplanPage& page, double width) {
  std::string place = "section " + std::to_string(page.number) + " of " + std::to_string(page.of);
  if (!page.section.name.empty()) place += ": " + shorten_inside(page.section.name, 60);
  const std::string title = shorten(page.work.name, 40) + " on " + page.work.arch.name;
  svg.text("text", {{"class", "strong"}, {"x", "0"}, {"y", "22"}, {"font-size", "20"}}, title);
  svg.text("text", {{"class", "muted end"}, {"x", px(width)}, {"y", "22"}, {"font-size", "14"}},
           place);
  svg.element("path", {{"class", "line"}, {"d", "M0 36H" + px(width)}});
  draw_figures(svg, page);
  if (page.counted()) {
    draw_phases(svg, *page.section.counters, width);
  } else {
    svg.text("text", {{"class", "muted"}, {"x", "0"}, {"y", "108"}, {"font-size", "11"}},
             "Nothing was counted: units in use are drawn full.");
  }
}

}  // namespace rdu::tool
