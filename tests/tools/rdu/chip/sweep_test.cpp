// Sweeps: what is combined, what is asked, and what is printed of it.
#include "tools/rdu/chip/sweep.hpp"

#include <catch2/catch.hpp>

#include "tests/tools/rdu/chip/works.hpp"
#include "tools/rdu/chip/measure.hpp"
#include "tools/rdu/error.hpp"

using namespace rdu::tool;

namespace {

std::string text(const SweepPoint& point) { return with_point("rdu:sn10", point); }

}  // namespace

TEST_CASE("axes name figures, in full or by an end that is one figure's") {
  const SweepAxis lanes = parse_axis("lanes=8,16,32");
  CHECK(lanes.key == "pcu.lanes");
  CHECK(lanes.values == std::vector<std::string>{"8", "16", "32"});
  CHECK(parse_axis("network.kind=ideal").key == "network.kind");
  CHECK(parse_axis("clock_hz=1GHz").key == "clock_hz");
  CHECK(parse_axis("schedule=kernel,spatial").key == "schedule");
  CHECK_THROWS_WITH(parse_axis("lane=8"), "--sweep lane: a chip has no such figure");
  CHECK_THROWS_WITH(parse_axis("counters=8"),
                    "--sweep counters may be pcu.counters, pmu.counters, agcu.counters");
  CHECK_THROWS_WITH(parse_axis("lanes"),
                    "--sweep lanes: expected KEY=VALUE,VALUE…, as pcu.lanes=8,16");
  CHECK_THROWS_WITH(parse_axis("lanes=8,,16"), "--sweep lanes=8,,16: a value is missing");
  CHECK_THROWS_WITH(parse_axis("lanes="), "--sweep lanes=: a value is missing");
}

TEST_CASE("every combination is measured once, the last axis fastest") {
  std::vector<std::string> asked;
  const std::vector<SweepRow> rows = sweep(
      {{"pcu.lanes", {"8", "16"}}, {"pcu.stages", {"4", "6", "12"}}}, [&](const SweepPoint& p) {
        asked.push_back(text(p));
        return SweepFigures{};
      });
  CHECK(rows.size() == 6);
  CHECK(asked == std::vector<std::string>{
                     "rdu:sn10?pcu.lanes=8&pcu.stages=4", "rdu:sn10?pcu.lanes=8&pcu.stages=6",
                     "rdu:sn10?pcu.lanes=8&pcu.stages=12", "rdu:sn10?pcu.lanes=16&pcu.stages=4",
                     "rdu:sn10?pcu.lanes=16&pcu.stages=6", "rdu:sn10?pcu.lanes=16&pcu.stages=12"});
  CHECK(with_point("rdu:edge?seed=3", {{"pcu.lanes", "8"}}) == "rdu:edge?seed=3&pcu.lanes=8");
}

TEST_CASE("a sweep has bounds") {
  const auto none = [](const SweepPoint&) { return SweepFigures{}; };
  CHECK_THROWS_WITH(sweep({{"seed", {"1"}}, {"seed", {"2"}}}, none), "--sweep seed is given twice");
  const std::vector<std::string> many(100, "1");
  CHECK_THROWS_WITH(sweep({{"a", many}, {"b", many}}, none),
                    "--sweep: more than 4096 combinations");
}

TEST_CASE("a point that fails is a line, and ratios are to the first that does not") {
  const std::vector<SweepRow> rows = sweep({{"lanes", {"8", "16", "32"}}}, [](const SweepPoint& p) {
    if (p[0].second == "8") throw ToolError("too narrow");
    SweepFigures figures;
    figures.cycles = p[0].second == "16" ? 2'000'000 : 1'500'000;
    figures.clock_hz = 1'000'000'000;
    figures.pcus = 12;
    figures.pmus = 34;
    figures.dram_bytes = 4'000'000;
    figures.flops = 10'000'000;
    figures.on_chip = 0.5;
    return figures;
  });
  CHECK(sweep_table(rows) ==
        "lanes     cycles   ms  ratio  PCUs  PMUs  DRAM  op/byte  nodes on chip\n"
        "    8          -    -      -     -     -     -        -              -\n"
        "   16  2,000,000    2      1    12    34  4 MB      2.5           50 %\n"
        "   32  1,500,000  1.5   0.75    12    34  4 MB      2.5           50 %\n"
        "lanes=8: too narrow\n");
  const nlohmann::ordered_json json = sweep_json(rows);
  CHECK(json[0]["error"] == "too narrow");
  CHECK(json[2]["point"]["lanes"] == "32");
  CHECK(json[2]["ratio"] == 0.75);
  CHECK(json[2]["chip_ms"] == 1.5);
  CHECK(json[2]["flop_per_dram_byte"] == 2.5);
}

TEST_CASE("figures of a work are sums of its programs, units the most of a section") {
  ChipWork work = chip_test::map_work();
  measure_work(work, Trace::kOff);
  // The program stays on the chip: its load is of the first run.
  const rdu_hw_section_counters& section = work.programs[0].counters->sections[0];
  const std::uint64_t once = work.programs[0].counters->later_cycles;
  CHECK(once == section.cycles - section.program_cycles);
  work.programs.push_back(work.programs[0]);
  const SweepFigures figures = sweep_figures(work);
  CHECK(figures.cycles == 2 * once);
  CHECK(figures.pcus == 1);
  CHECK(figures.pmus == 2);
  CHECK(figures.dram_bytes == 2 * 16384);
  CHECK(figures.flops == 2 * 2048);
}
