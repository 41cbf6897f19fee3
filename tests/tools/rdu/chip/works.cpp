// Works for small chips, and counters that a person can follow.
#include "tests/tools/rdu/chip/works.hpp"

#include <fstream>
#include <sstream>

#include "tests/drivers/image/samples.hpp"

namespace chip_test {

using namespace rdu::tool;
using namespace rdu_hw::image;

namespace {

rdu_hw_port port(std::uint32_t direction, std::uint32_t number) {
  return direction == RDU_HW_INPUT ? input(RDU_HW_VECTOR, number, 1)
                                   : output(RDU_HW_VECTOR, number, 1);
}

Context side(std::uint32_t program, std::uint32_t row, std::uint32_t column, std::uint32_t buffer) {
  Context context;
  context.program = program;
  context.row = row;
  context.column = column;
  context.counters = {counter(64, 16)};
  context.ports = {port(program == RDU_HW_PROGRAM_WRITE ? RDU_HW_INPUT : RDU_HW_OUTPUT, 0)};
  context.steps = {{.terms = {counter_term(0, 4)}}};
  context.access = {buffer, 0, RDU_HW_FORMAT_WORD, RDU_HW_NONE, 0, 0, 0, 0};
  return context;
}

Link wire(std::uint32_t from, std::uint32_t from_port, std::uint32_t to) {
  Link link;
  link.source = {from, from_port};
  link.sinks = {rdu_hw::image::sink({to, 0}, 16)};
  return link;
}

}  // namespace

ChipWork work_of(Program program, const std::string& chip, const std::string& name) {
  const rdu_hw_arch arch = load_chip(chip);
  program.arch_hash = rdu_hw_arch_hash(&arch);
  const std::vector<std::uint8_t> bytes = write_image(program);
  ChipRequest request;
  request.chip = chip;
  return chip_work_of(std::as_bytes(std::span(bytes)), name, request);
}

ChipWork map_work() {
  return work_of(image_test::metapipelined_map(0, 8, 256),
                 "edge?grid.rows=2&grid.columns=2&agcu.count=2&network.kind=ideal", "map & <more>");
}

ChipWork systolic_work() {
  return work_of(image_test::systolic_tile(0, 64),
                 "edge?grid.rows=2&grid.columns=3&agcu.count=2&agcu.edges=north", "tile");
}

ChipWork full_work(const std::string& chip) {
  const rdu_hw_arch arch = load_chip(chip + "?network.kind=ideal");
  Program program;
  Section section;
  for (std::uint32_t r = 0; r < rdu_hw_arch_mesh_rows(&arch); ++r) {
    for (std::uint32_t c = 0; c + 1 < rdu_hw_arch_mesh_columns(&arch); c += 2) {
      const std::uint32_t pcu = c + r % 2, pmu = c + 1 - r % 2;
      const auto first = static_cast<std::uint32_t>(section.contexts.size());
      const auto node = static_cast<std::uint32_t>(first / 7);
      const auto buffer = static_cast<std::uint32_t>(section.buffers.size());
      for (std::uint64_t base : {0, 256}) {
        section.buffers.push_back({{r, pmu, 1, RDU_HW_BANK_STRIDED, base, 256, 1, 0}, {}});
      }
      Context map;
      map.row = r;
      map.column = pcu;
      map.counters = {counter(64, 16)};
      map.ports = {port(RDU_HW_INPUT, 0),
                   output(RDU_HW_VECTOR, 0, 1, operand(RDU_HW_OPERAND_REGISTER, 0))};
      const rdu_hw_operand x = operand(RDU_HW_OPERAND_INPUT, 0);
      map.instructions = {compute(RDU_HW_OP_ADD_F32, 0, 0, x, x)};
      map.label = {"add " + std::to_string(node), node};
      section.contexts.push_back(side(RDU_HW_PROGRAM_READ, r, pmu, buffer));
      section.contexts.push_back(map);
      section.contexts.push_back(side(RDU_HW_PROGRAM_WRITE, r, pmu, buffer + 1));
      section.links.push_back(wire(first, 0, first + 1));
      section.links.push_back(wire(first + 1, 1, first + 2));
    }
  }
  program.sections = {section};
  return work_of(program, chip + "?network.kind=ideal", "all of " + chip);
}

RunCounters counters_of(const rdu_hw_image& image) {
  RunCounters counters;
  counters.cycles = 1000 * std::uint64_t{image.num_sections};
  counters.clock_hz = 800'000'000;
  for (std::uint32_t s = 0; s < image.num_sections; ++s) {
    rdu_hw_section_counters section = {};
    section.begin_cycle = 1000 * std::uint64_t{s};
    section.cycles = 1000;
    section.program_cycles = 100;
    section.argument_cycles = 50;
    section.exec_cycles = 800;
    section.quiesce_cycles = 50;
    section.pcu_busy_cycles = 400;
    section.flops = 2048;
    section.memory[RDU_HW_TIER_DRAM] = {8192, 8192, 240, 10, 6};
    section.pcus_used = 1;
    section.pmus_used = 2;
    section.agcus_used = 2;
    counters.sections.push_back(section);
    const std::uint64_t begin = section.begin_cycle + 150;
    for (std::uint32_t i = 0; i < image.sections[s].contexts.count; ++i) {
      const std::uint64_t busy = 100 * (i % 8 + 1);
      const std::uint32_t context = image.sections[s].contexts.first + i;
      counters.contexts.push_back({128, begin, begin + busy, busy, 800 - busy, 0, 0, 0, 0});
      counters.spans.push_back({begin, begin + 50, context, 0});
      counters.spans.push_back({begin + 100, begin + busy, context, 0});
    }
  }
  for (std::uint32_t i = 0; i < image.num_links; ++i) {
    counters.link_elements.push_back(i % 2 == 0 ? 128 : 0);
  }
  return counters;
}

std::string without_style(std::string svg) {
  const std::size_t begin = svg.find("<style>") + 7, end = svg.find("</style>");
  return svg.replace(begin, end - begin, "…");
}

std::string golden(const std::string& name) {
  std::ifstream file(std::string(CHIP_GOLDEN_DIR) + "/" + name);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace chip_test
