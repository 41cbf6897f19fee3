// Combines axes, asks for the figures of each point, and sums a work up.
#include "tools/rdu/chip/sweep.hpp"

#include <algorithm>
#include <set>

#include "tools/rdu/chip/chip_section.hpp"
#include "tools/rdu/error.hpp"

namespace rdu::tool {

namespace {

using json = nlohmann::ordered_json;

// Every figure that all chips have: "clock_hz", "pcu.lanes", "pcu.ports.vector_in".
std::vector<std::string> figure_names() {
  const rdu_hw_arch arch = load_chip(rdu_hw_arch_preset_name(0));
  std::string text(rdu_hw_arch_print_json(&arch, nullptr, 0) + 1, '\0');
  rdu_hw_arch_print_json(&arch, text.data(), text.size());
  std::vector<std::string> names;
  const std::function<void(const json&, const std::string&)> walk = [&](const json& in,
                                                                        const std::string& path) {
    for (const auto& [key, value] : in.items()) {
      if (value.is_object()) {
        walk(value, path + key + ".");
      } else {
        names.push_back(path + key);
      }
    }
  };
  walk(json::parse(text.c_str()), "");
  return names;
}

std::string find_key(const std::string& key) {
  if (key == "schedule" || key == "seed") return key;
  const std::vector<std::string> names = figure_names();
  if (std::ranges::find(names, key) != names.end()) return key;
  std::vector<std::string> found;
  for (const std::string& name : names) {
    if (name.ends_with("." + key)) found.push_back(name);
  }
  if (found.size() == 1) return found.front();
  std::string message = "--sweep " + key;
  if (found.empty()) throw ToolError(message + ": a chip has no such figure");
  message += " may be";
  for (const std::string& name : found) {
    message += (&name == &found.front() ? " " : ", ") + name;
  }
  throw ToolError(message);
}

SweepPoint point_of(const std::vector<SweepAxis>& axes, std::size_t number) {
  SweepPoint point(axes.size());
  for (std::size_t i = axes.size(); i-- > 0;) {
    const std::vector<std::string>& values = axes[i].values;
    point[i] = {axes[i].key, values[number % values.size()]};
    number /= values.size();
  }
  return point;
}

}  // namespace

SweepAxis parse_axis(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == text.npos) {
    throw ToolError("--sweep " + text + ": expected KEY=VALUE,VALUE…, as pcu.lanes=8,16");
  }
  SweepAxis axis{find_key(text.substr(0, equals)), {}};
  for (std::size_t begin = equals + 1; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::string value = text.substr(begin, end - begin);
    if (value.empty()) throw ToolError("--sweep " + text + ": a value is missing");
    axis.values.push_back(value);
    begin = end + 1;
  }
  return axis;
}

std::vector<SweepRow> sweep(const std::vector<SweepAxis>& axes,
                            const std::function<SweepFigures(const SweepPoint&)>& measure) {
  std::set<std::string> keys;
  std::size_t count = 1;
  for (const SweepAxis& axis : axes) {
    if (!keys.insert(axis.key).second) throw ToolError("--sweep " + axis.key + " is given twice");
    count *= axis.values.size();
    if (count > kMostSweepPoints) {
      throw ToolError("--sweep: more than " + std::to_string(kMostSweepPoints) + " combinations");
    }
  }
  std::vector<SweepRow> rows;
  for (std::size_t i = 0; i < count; ++i) {
    SweepRow& row = rows.emplace_back(SweepRow{point_of(axes, i), std::nullopt, ""});
    try {
      row.figures = measure(row.point);
    } catch (const ToolError& error) {
      row.error = error.what();
    }
  }
  return rows;
}

SweepFigures sweep_figures(const ChipWork& work) {
  SweepFigures figures;
  figures.clock_hz = work.arch.clock_hz;
  figures.on_chip = work.on_chip;
  for (const ChipProgram& program : work.programs) {
    const RunCounters& counters = *program.counters;
    figures.cycles += counters.later_cycles != 0 ? counters.later_cycles : counters.cycles;
    const std::uint32_t first = rdu_hw_image_num_setup_sections(program.image.get());
    for (std::uint32_t s = first; s < program.image->num_sections; ++s) {
      const rdu_hw_section_counters& section = counters.sections[s];
      figures.pcus = std::max(figures.pcus, section.pcus_used);
      figures.pmus = std::max(figures.pmus, section.pmus_used);
      figures.dram_bytes += dram_bytes(section);
      figures.flops += section.flops;
    }
  }
  return figures;
}

std::string with_point(std::string uri, const SweepPoint& point) {
  for (const auto& [key, value] : point) {
    uri += (uri.find('?') == uri.npos ? '?' : '&') + key + '=' + value;
  }
  return uri;
}

}  // namespace rdu::tool
