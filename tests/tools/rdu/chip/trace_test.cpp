// Traces: one by hand, and what viewers need of all of them.
#include <catch2/catch.hpp>
#include <map>
#include <nlohmann/json.hpp>

#include "tests/drivers/image/random_program.hpp"
#include "tests/tools/rdu/chip/works.hpp"
#include "tools/rdu/chip/busy_spans.hpp"
#include "tools/rdu/chip/chip_trace.hpp"
#include "tools/rdu/chip/trace_file.hpp"

using namespace rdu::tool;
using namespace chip_test;

using Spans = std::vector<BusySpan>;

TEST_CASE("a trace whose every line was read") {
  ChipWork work = map_work();
  work.programs[0].counters = counters_of(*work.programs[0].image);
  CHECK(trace_chip(work) == golden("map.json"));
}

TEST_CASE("a trace without counters is refused") {
  CHECK_THROWS_WITH(trace_chip(map_work()), "a trace needs the counters of a run");
}

TEST_CASE("spans of a track never overlap, and programs follow each other") {
  const rdu_hw_arch arch = load_chip("edge");
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    ChipWork work = work_of(image_test::random_program(seed, arch), "edge");
    work.programs[0].counters = counters_of(*work.programs[0].image);
    work.programs.push_back(work.programs[0]);
    const nlohmann::json trace = nlohmann::json::parse(trace_chip(work));
    std::map<std::pair<int, int>, double> ends;
    std::map<std::string, double> phases;
    double last = 0;
    for (const nlohmann::json& event : trace.at("traceEvents")) {
      if (event.at("ph") != "X") continue;
      const double begin = event.at("ts"), length = event.at("dur");
      double& end = ends[{event.at("pid"), event.at("tid")}];
      CHECK(begin >= end - 1e-9);
      end = begin + length;
      last = std::max(last, end);
      if (event.at("pid") == 2) phases[event.at("name")] += length;
    }
    const double sections = 2.0 * work.programs[0].image->num_sections;
    CHECK(last == Approx(sections * 1.25));  // 1000 cycles at 800 MHz
    CHECK(phases["execution"] == Approx(sections * 1.0).margin(0.001));
    CHECK(phases["program load"] == Approx(sections * 0.125).margin(0.001));
  }
}

TEST_CASE("names in traces are escaped") {
  TraceFile file(1'000'000'000);
  file.name_track(1, 2, "a \"b\" \\ \n \xff");
  const nlohmann::json trace = nlohmann::json::parse(file.json());
  CHECK(trace["traceEvents"][0]["args"]["name"] == "a \"b\" \\ \n \xef\xbf\xbd");
}

TEST_CASE("times keep their order in whole nanoseconds") {
  TraceFile file(800'000'000);
  for (std::uint64_t cycle = 0; cycle < 9; ++cycle) file.add_span(1, 1, "x", cycle, cycle + 1);
  const nlohmann::json trace = nlohmann::json::parse(file.json());
  double end = 0;
  for (const nlohmann::json& event : trace["traceEvents"]) {
    CHECK(event["ts"].get<double>() == Approx(end));
    end += event["dur"].get<double>();
  }
  CHECK(end == Approx(0.011));  // 9 cycles are 11.25 ns
}

TEST_CASE("spans that overlap or touch become one") {
  CHECK(unite({{30, 40}, {0, 10}, {10, 12}, {5, 8}, {39, 50}, {60, 60}}) ==
        Spans{{0, 12}, {30, 50}});
  CHECK(unite({}).empty());
}

TEST_CASE("the shortest gaps are bridged") {
  const Spans spans = {{0, 1}, {2, 3}, {10, 11}, {13, 14}, {15, 16}};
  CHECK(bridge_gaps(spans, 5) == spans);
  CHECK(bridge_gaps(spans, 3) == Spans{{0, 3}, {10, 11}, {13, 16}});
  CHECK(bridge_gaps(spans, 2) == Spans{{0, 3}, {10, 16}});
  CHECK(bridge_gaps(spans, 1) == Spans{{0, 16}});
}

TEST_CASE("what never overlaps shares a track") {
  const std::vector<Spans> lists = {{{0, 5}, {20, 25}}, {{5, 20}}, {{4, 6}}, {{25, 30}}, {{6, 9}}};
  CHECK(share_tracks(lists) == std::vector<std::uint32_t>{0, 0, 1, 0, 1});
}

TEST_CASE("how many are open on average") {
  const std::vector<double> open = average_open({{0, 10}, {5, 30}, {39, 40}}, 40, 4);
  CHECK_THAT(open, Catch::Approx(std::vector<double>{1.5, 1, 1, 0.1}));
}
