// Counters: through a file and back, refused where they are of another program, and measured.
#include <catch2/catch.hpp>
#include <limits>
#include <nlohmann/json.hpp>

#include "tests/drivers/image/samples.hpp"
#include "tests/tools/rdu/chip/works.hpp"
#include "tools/rdu/chip/chip_trace.hpp"
#include "tools/rdu/chip/counters_json.hpp"
#include "tools/rdu/chip/floorplan.hpp"
#include "tools/rdu/chip/measure.hpp"
#include "tools/rdu/chip/section_table.hpp"
#include "tools/rdu/error.hpp"

using namespace rdu::tool;
using namespace chip_test;

namespace {

void read(const std::string& text, ChipWork& work) {
  read_counters(std::as_bytes(std::span(text)), "r.json", work);
}

std::string refusal(const nlohmann::json& report) {
  ChipWork work = map_work();
  try {
    read(report.dump(), work);
  } catch (const ToolError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("counters go through a file unchanged") {
  ChipWork work = map_work();
  work.programs[0].counters = counters_of(*work.programs[0].image);
  const std::string text = write_counters(work);
  ChipWork other = map_work();
  read(text, other);
  REQUIRE(other.programs[0].counters);
  CHECK(write_counters(other) == text);
  const RunCounters& counters = *other.programs[0].counters;
  CHECK(counters.cycles == 1000);
  CHECK(counters.clock_hz == 800'000'000);
  CHECK(counters.sections[0].memory[0].row_misses == 10);
  CHECK(counters.contexts[2].busy_cycles == 300);
  CHECK(counters.link_elements == std::vector<std::uint64_t>{128, 0, 128, 0, 128, 0});
  CHECK(counters.spans[3].end_cycle == 350);
}

TEST_CASE("a file that has no counters of this program is refused with a reason") {
  ChipWork work = map_work();
  work.programs[0].counters = counters_of(*work.programs[0].image);
  const nlohmann::json good = nlohmann::json::parse(write_counters(work));
  REQUIRE(refusal(good).empty());

  nlohmann::json bad = good;
  bad["programs"][0]["contexts"].erase(0);
  CHECK(refusal(bad) == "r.json: the counters are of another program: 6 contexts, the image has 7");
  bad = good;
  bad["programs"].push_back(good["programs"][0]);
  CHECK(refusal(bad) == "r.json: counters of 2 programs, the model has 1");
  bad = good;
  bad["programs"][0]["links"][0] = -1;
  CHECK(refusal(bad) == "r.json: -1 is no count");
  bad = good;
  bad["programs"][0]["spans"][0][0] = 7;
  CHECK(refusal(bad).find("span of context 7") != std::string::npos);
  bad = good;
  bad["programs"][0]["spans"][0][0] = std::uint64_t{1} << 32;
  CHECK(refusal(bad) == "r.json: 4294967296 is too large");
  bad = good;
  bad["programs"][0]["clock_hz"] = 0;
  CHECK(refusal(bad) == "r.json: the counters have a clock of 0 Hz");
  bad = good;
  bad["programs"][0]["sections"][0].erase("exec_cycles");
  CHECK(refusal(bad).find("'exec_cycles' not found") != std::string::npos);
  CHECK(refusal(nlohmann::json::array()).find("r.json: no counters of a chip") == 0);
}

TEST_CASE("counters that make no sense are shown, not trusted") {
  ChipWork work = map_work();
  RunCounters counters = counters_of(*work.programs[0].image);
  const auto all = std::numeric_limits<std::uint64_t>::max();
  for (const std::uint64_t value : {std::uint64_t{0}, all}) {
    counters.cycles = value;
    counters.clock_hz = std::max<std::uint64_t>(value, 1);
    for (rdu_hw_section_counters& section : counters.sections) {
      section.begin_cycle = section.cycles = section.program_cycles = section.exec_cycles = value;
      section.pcu_busy_cycles = section.flops = value;
      section.quiesce_cycles = 1;
      section.memory[0] = {value, value, value, value, value};
    }
    for (rdu_hw_context_counters& context : counters.contexts) context.busy_cycles = all;
    for (std::uint64_t& elements : counters.link_elements) elements = value;
    counters.spans.back() = {0, all, 0, 0};
    work.programs[0].counters = counters;
    CHECK_NOTHROW(read_xml(draw_floorplan(work, {})));
    CHECK_NOTHROW(nlohmann::json::parse(trace_chip(work)));
    CHECK_FALSE(section_table(work).empty());
  }
}

// 8 tiles of 256 words: 128 vectors of 16 over each link of data, 8 tokens over each of the others.
TEST_CASE("a measured run has the counts of its program") {
  ChipWork work = map_work();
  measure_work(work, Trace::kOn);
  const RunCounters& counters = *work.programs[0].counters;
  CHECK(counters.clock_hz == 800'000'000);
  CHECK(counters.link_elements == std::vector<std::uint64_t>{128, 8, 128, 128, 8, 128});
  for (const rdu_hw_context_counters& context : counters.contexts) CHECK(context.firings == 128);
  const rdu_hw_section_counters& section = counters.sections[0];
  CHECK(section.memory[0].read_bytes == 8192);
  CHECK(section.memory[0].written_bytes == 8192);
  CHECK(section.flops == 2048);
  CHECK(section.cycles == section.program_cycles + section.argument_cycles + section.exec_cycles +
                              section.quiesce_cycles);
  CHECK(section.cycles == counters.cycles);
  CHECK_FALSE(counters.spans.empty());

  ChipWork again = map_work();
  measure_work(again, Trace::kOff);
  CHECK(again.programs[0].counters->cycles == counters.cycles);
  CHECK(again.programs[0].counters->spans.empty());
}

TEST_CASE("the table of sections") {
  ChipWork work = map_work();
  CHECK(section_table(work) ==
        "section  PCUs  PMUs  AGCUs  scratchpads  cycles  load  exec  PCUs busy  DRAM  op/byte  "
        "name\n"
        "      0     1     2      2       4.1 kB       -     -     -          -     -        -  "
        "map\n");
  work.programs[0].counters = counters_of(*work.programs[0].image);
  CHECK(section_table(work) ==
        "section  PCUs  PMUs  AGCUs  scratchpads  cycles  load  exec  PCUs busy     DRAM  op/byte  "
        "name\n"
        "      0     1     2      2       4.1 kB   1,000   150   800       50 %  16.4 kB     0.12  "
        "map\n");
}
