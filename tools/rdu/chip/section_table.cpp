// What the sections of a work take of a chip, a line or an object for each.
#include "tools/rdu/chip/section_table.hpp"

#include <nlohmann/json.hpp>

#include "tools/rdu/chip/chip_section.hpp"
#include "tools/rdu/chip/crossing.hpp"
#include "tools/rdu/chip/quantity.hpp"
#include "tools/rdu/chip/svg.hpp"
#include "tools/rdu/table.hpp"

namespace rdu::tool {

namespace {

std::vector<std::string> counted_cells(const rdu_hw_section_counters& counted) {
  const auto real = [](std::uint64_t value) { return static_cast<double>(value); };
  const std::uint64_t bytes = dram_bytes(counted), all = counted.exec_cycles * counted.pcus_used;
  return {count_text(counted.cycles),
          count_text(counted.program_cycles + counted.argument_cycles),
          count_text(counted.exec_cycles),
          all == 0 ? "-" : percent_text(real(counted.pcu_busy_cycles) / real(all)),
          bytes_text(bytes),
          bytes == 0 ? "-" : decimal_text(real(counted.flops) / real(bytes), 2)};
}

// Cycles of a run behind the first: setup sections are over, and a lone section's program is there.
std::uint64_t later_run_cycles(const ChipProgram& program) {
  std::uint64_t cycles = 0;
  const std::size_t first = rdu_hw_image_num_setup_sections(program.image.get());
  const auto& sections = program.counters->sections;
  for (std::size_t i = first; i < sections.size(); ++i) cycles += sections[i].cycles;
  return sections.size() - first == 1 ? cycles - sections[first].program_cycles : cycles;
}

std::string estimate_text(const ChipWork& work) {
  std::uint64_t estimated = 0, counted = 0;
  bool all_counted = true;
  for (const ChipProgram& program : work.programs) {
    estimated += program.estimated_cycles;
    all_counted &= program.counters.has_value();
    if (program.counters) counted += later_run_cycles(program);
  }
  if (estimated == 0) return {};
  std::string text = "estimated: " + count_text(estimated) + " cycles a run";
  if (all_counted) {
    text += "; counted: " + count_text(counted) + ", " +
            decimal_text(static_cast<double>(counted) / static_cast<double>(estimated), 2) +
            " of the estimate";
  }
  return text + "\n";
}

}  // namespace

std::string section_table(const ChipWork& work) {
  const std::vector<std::uint64_t> crossing = crossing_bytes(work);
  std::vector<std::string> heads = {"section",     "PCUs",   "PMUs",   "AGCUs",
                                    "scratchpads", "cycles", "load",   "exec",
                                    "PCUs busy",   "DRAM",   "op/byte"};
  if (!crossing.empty()) heads.push_back("crosses");
  heads.push_back("name");
  Table table(heads);
  std::uint32_t number = 0;
  for (const ChipProgram& program : work.programs) {
    for (std::uint32_t s = 0; s < program.image->num_sections; ++s) {
      const ChipSection section = read_section(work, program, s);
      std::vector<std::string> line = {std::to_string(number++)};
      for (const std::uint32_t used : section.units_used) line.push_back(std::to_string(used));
      line.push_back(bytes_text(section.scratchpad_bytes));
      const std::vector<std::string> counted = section.counters != nullptr
                                                   ? counted_cells(*section.counters)
                                                   : std::vector<std::string>(6, "-");
      line.insert(line.end(), counted.begin(), counted.end());
      if (!crossing.empty()) line.push_back(bytes_text(crossing[number - 1]));
      line.push_back(shorten_inside(section.name, 50));
      table.add(std::move(line));
    }
  }
  return table.text() + estimate_text(work);
}

std::string sections_json(const ChipWork& work) {
  const std::vector<std::uint64_t> crossing = crossing_bytes(work);
  nlohmann::ordered_json sections = nlohmann::ordered_json::array();
  for (const ChipProgram& program : work.programs) {
    const std::uint32_t setups = rdu_hw_image_num_setup_sections(program.image.get());
    for (std::uint32_t s = 0; s < program.image->num_sections; ++s) {
      const ChipSection section = read_section(work, program, s);
      nlohmann::ordered_json line = {{"name", section.name},
                                     {"setup", s < setups},
                                     {"pcus", section.units_used[RDU_HW_UNIT_PCU]},
                                     {"pmus", section.units_used[RDU_HW_UNIT_PMU]},
                                     {"agcus", section.units_used[RDU_HW_UNIT_AGCU]},
                                     {"scratchpad_bytes", section.scratchpad_bytes}};
      if (!crossing.empty()) line["crossing_bytes"] = crossing[sections.size()];
      if (section.counters != nullptr) {
        line["cycles"] = section.counters->cycles;
        line["exec_cycles"] = section.counters->exec_cycles;
        line["dram_bytes"] = dram_bytes(*section.counters);
      }
      sections.push_back(std::move(line));
    }
  }
  return nlohmann::ordered_json{{"sections", std::move(sections)}}.dump() + "\n";
}

}  // namespace rdu::tool
