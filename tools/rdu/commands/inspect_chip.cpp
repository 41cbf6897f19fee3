// Floorplans, traces and counters of the programs that an artifact has for a chip.
#include "tools/rdu/commands/inspect_chip.hpp"

#include <algorithm>
#include <cstdio>

#include "tools/rdu/chip/chip_trace.hpp"
#include "tools/rdu/chip/counters_json.hpp"
#include "tools/rdu/chip/floorplan.hpp"
#include "tools/rdu/chip/measure.hpp"
#include "tools/rdu/chip/quantity.hpp"
#include "tools/rdu/chip/section_table.hpp"
#include "tools/rdu/error.hpp"
#include "tools/rdu/io/file.hpp"

namespace rdu::tool {

namespace {

// The table is of a first run.
std::string later_text(const ChipWork& work) {
  std::uint64_t first = 0, later = 0;
  for (const ChipProgram& program : work.programs) {
    if (!program.counters || program.counters->later_cycles == 0) return {};
    first += program.counters->cycles;
    later += program.counters->later_cycles;
  }
  if (first == later) return {};
  return "a later run takes " + count_text(later) + " of " + count_text(first) +
         " cycles: it finds what the first one left on the chip\n";
}

// Of a run in a file, or of one that is made now: a trace has nothing to show without.
void get_counters(ChipWork& work, const ChipView& view) {
  if (!view.report.empty() && !view.measure) {
    read_counters(read_file(view.report), view.report, work);
  } else if (view.measure || !view.trace.empty()) {
    measure_work(work, view.trace.empty() && view.report.empty() ? Trace::kOff : Trace::kOn);
    if (std::ranges::any_of(work.programs, &ChipProgram::needed_values)) {
      std::fputs("rdu: some times depend on values: inputs were zeros\n", stderr);
    }
  }
  if (!view.report.empty() && view.measure) write_text(view.report, write_counters(work));
}

}  // namespace

void add_chip_options(CLI::App& command, ChipView& view) {
  const char* group = "Chip";
  command.add_option("--floorplan", view.floorplan, "Draw the chip with the program on it, as SVG")
      ->type_name("FILE.svg")
      ->group(group);
  command
      .add_option("--trace", view.trace, "Write its run for Perfetto; measures it without --report")
      ->type_name("FILE.json")
      ->group(group);
  command.add_flag("--measure", view.measure, "Count its run on the emulated chip")->group(group);
  command
      .add_option("--report", view.report,
                  "Counters of a run: read from this file, or with --measure written to it")
      ->type_name("FILE.json")
      ->group(group);
  command.add_option("--section", view.section, "Draw this section alone, counted from 0")
      ->type_name("N")
      ->group(group);
  command
      .add_option("--chip", view.request.chip,
                  "What it was compiled for, where that is no preset: 'sn10?pcu.lanes=8' or a file")
      ->group(group);
  command.add_option("--variant", view.request.variant, "Of the first signature (default 0)")
      ->type_name("N")
      ->group(group);
}

void show_chip(ChipWork work, const ChipView& view) {
  get_counters(work, view);
  if (!view.floorplan.empty()) write_text(view.floorplan, draw_floorplan(work, view.section));
  if (!view.trace.empty()) write_text(view.trace, trace_chip(work));
  const std::string text = view.json ? sections_json(work) : section_table(work) + later_text(work);
  std::fputs(text.c_str(), stdout);
}

std::string chip_file_text(const ChipWork& work) {
  const ChipProgram& program = work.programs.front();
  const auto print = [&](char* buffer, std::size_t capacity) {
    return program.package ? rdu_hw_package_print(program.package.get(), buffer, capacity)
                           : rdu_hw_image_print(program.image.get(), buffer, capacity);
  };
  std::string text(print(nullptr, 0) + 1, '\0');
  print(text.data(), text.size());
  text.pop_back();
  return text;
}

}  // namespace rdu::tool
