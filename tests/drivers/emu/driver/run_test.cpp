// Runs through the driver: results, waiting, stopping, one at a time, and what was counted.
#include <nlohmann/json.hpp>
#include <numeric>

#include "tests/drivers/emu/driver/support.hpp"
#include "tests/drivers/image/samples.hpp"
#include "tests/drivers/image/support.hpp"

using namespace driver_test;
using namespace rdu_hw::image;

namespace {

std::uint64_t sara20() {
  const rdu_hw_arch arch = image_test::chip("sara20");
  return rdu_hw_arch_hash(&arch);
}

constexpr std::uint32_t kTiles = 4, kTile = 64, kCount = kTiles * kTile;

// y = max(x, 0) on a chip of its own.
struct Relu {
  explicit Relu(const rdu_hw_chip_options& options = {})
      : chip(open_chip("sara20", options)),
        module(load(chip, image_test::metapipelined_map(sara20(), kTiles, kTile))),
        x(allocate(chip, 4 * kCount)),
        y(allocate(chip, 4 * kCount)) {
    std::vector<float> values(kCount);
    std::iota(values.begin(), values.end(), -100.0f);
    put(chip, x, values);
  }
  Run begin(std::uint32_t flags = 0) { return start(module, {{x, 0, 0}, {y, 0, 0}}, flags); }

  Chip chip;
  Module module;
  std::uint64_t x, y;
};

std::vector<float> expected() {
  std::vector<float> values(kCount);
  for (std::uint32_t i = 0; i < kCount; ++i) {
    values[i] = std::max(-100.0f + static_cast<float>(i), 0.0f);
  }
  return values;
}

rdu_hw_counters counters_of(const Run& run) {
  rdu_hw_counters counters = {};
  REQUIRE(rdu_hw_run_counters(run.get(), &counters, nullptr) == RDU_HW_OK);
  return counters;
}

// As relu, but for ever: the first tile again and again.
Program endless() {
  Program program = image_test::metapipelined_map(sara20(), kTiles, kTile);
  for (Context& context : program.sections[0].contexts) {
    context.counters[0].extent = 1u << 30;
    for (Step& step : context.steps) {
      std::erase_if(step.terms, [](const rdu_hw_term& term) { return term.index == 0; });
    }
  }
  return program;
}

}  // namespace

TEST_CASE("a run computes what its image says, as often as wanted") {
  for (const std::uint32_t granularity : {RDU_HW_GRANULARITY_BLOCK, RDU_HW_GRANULARITY_VECTOR}) {
    Relu relu({granularity, 0, nullptr});
    std::uint64_t cycles = 0;
    for (int i = 0; i < 3; ++i) {
      const Run run = relu.begin();
      REQUIRE(outcome(run) == "0");
      CHECK(get<float>(relu.chip, relu.y, kCount) == expected());
      // The program of the only section is still there when it runs again.
      const rdu_hw_counters counters = counters_of(run);
      if (i > 1) CHECK(counters.cycles == cycles);
      CHECK((counters.sections[0].program_cycles == 0) == (i != 0));
      cycles = counters.cycles;
      put(relu.chip, relu.y, std::vector<float>(kCount, 7));
    }
    CHECK(cycles > 0);
  }
}

TEST_CASE("words that the chip writes are the run's") {
  const Chip chip = open_chip("sara20");
  const Module module = load(chip, image_test::dot_product(sara20(), 256, 32));
  const std::uint64_t a = allocate(chip, 1024), b = allocate(chip, 1024);
  std::vector<std::int32_t> values(256);
  std::iota(values.begin(), values.end(), 1);
  put(chip, a, values);
  put(chip, b, std::vector<std::int32_t>(256, 3));
  const Run run = start(module, {{a, 0, 0}, {b, 0, 0}, {0, 0, 0}});
  REQUIRE(outcome(run) == "0");
  std::uint32_t word = 0;
  CHECK(rdu_hw_run_word(run.get(), 2, &word, nullptr) == RDU_HW_OK);
  CHECK(word == 3 * 256 * 257 / 2);
  CHECK(answer([&](rdu_hw_error* error) { return rdu_hw_run_word(run.get(), 0, &word, error); }) ==
        "1 argument 0 is no scalar that the chip writes");
  CHECK(rdu_hw_run_word(run.get(), 3, &word, nullptr) == RDU_HW_ERR_ARGUMENT);
}

TEST_CASE("one run at a time, which waits, and stops when asked to") {
  const Chip chip = open_chip("sara20");
  const Module module = load(chip, endless());
  const std::uint64_t x = allocate(chip, 4 * kCount), y = allocate(chip, 4 * kCount);
  const std::uint64_t other = allocate(chip, 64);
  Run run = start(module, {{x, 0, 0}, {y, 0, 0}});
  std::uint32_t done = 1;
  CHECK(rdu_hw_run_wait(run.get(), 0, &done, nullptr) == RDU_HW_OK);
  CHECK(done == 0);
  CHECK(rdu_hw_run_wait(run.get(), 1'000'000, &done, nullptr) == RDU_HW_OK);
  CHECK(done == 0);
  const rdu_hw_bound bound[] = {{x, 0, 0}, {y, 0, 0}};
  rdu_hw_run* second = nullptr;
  CHECK(answer([&](rdu_hw_error* error) {
          return rdu_hw_run_start(module.get(), bound, 2, 0, &second, error);
        }) == "9 another run is on the chip");
  rdu_hw_counters counters;
  CHECK(rdu_hw_run_counters(run.get(), &counters, nullptr) == RDU_HW_ERR_BUSY);
  CHECK(rdu_hw_run_print_json(run.get(), nullptr, 0) == 0);
  CHECK(answer([&](rdu_hw_error* error) { return rdu_hw_memory_free(chip.get(), 0, y, error); }) ==
        "9 the memory at " + std::to_string(y) + " is in use by a run");
  CHECK(rdu_hw_memory_free(chip.get(), 0, other, nullptr) == RDU_HW_OK);

  rdu_hw_run_stop(run.get());
  CHECK(outcome(run).substr(0, 3) == "12 ");
  CHECK(outcome(run).substr(0, 3) == "12 ");
  CHECK(rdu_hw_run_counters(run.get(), &counters, nullptr) == RDU_HW_ERR_STOPPED);
  run = start(module, {{x, 0, 0}, {y, 0, 0}});
  run.reset();  // stops it
  CHECK(rdu_hw_memory_free(chip.get(), 0, y, nullptr) == RDU_HW_OK);
}

TEST_CASE("a run that only counts leaves memory alone") {
  Relu relu({0, 1, nullptr});
  put(relu.chip, relu.y, std::vector<float>(kCount, 7));
  const Run run = relu.begin();
  REQUIRE(outcome(run) == "0");
  CHECK(get<float>(relu.chip, relu.y, kCount) == std::vector<float>(kCount, 7));
  Relu computing;
  const Run computed = computing.begin();
  REQUIRE(outcome(computed) == "0");
  CHECK(counters_of(run).cycles == counters_of(computed).cycles);
}

TEST_CASE("counters add up") {
  Relu relu;
  const Run run = relu.begin();
  REQUIRE(outcome(run) == "0");
  const rdu_hw_counters counters = counters_of(run);
  CHECK(counters.clock_hz == 1'000'000'000);
  REQUIRE(counters.num_sections == 1);
  REQUIRE(counters.num_contexts == 7);
  REQUIRE(counters.num_links == 6);
  CHECK(counters.num_spans == 0);
  const rdu_hw_section_counters& section = counters.sections[0];
  CHECK(section.begin_cycle == 0);
  CHECK(section.cycles == counters.cycles);
  CHECK(section.cycles == section.program_cycles + section.argument_cycles + section.exec_cycles +
                              section.quiesce_cycles);
  CHECK(section.pcus_used == 1);
  CHECK(section.pmus_used == 2);
  CHECK(section.agcus_used == 2);
  constexpr std::uint64_t kFirings = kCount / 16;
  CHECK(section.pcu_busy_cycles == kFirings);
  CHECK(section.flops == kCount);  // one maximum each
  CHECK(section.memory[0].read_bytes == 4 * kCount);
  CHECK(section.memory[0].written_bytes == 4 * kCount);
  CHECK(section.memory[0].row_hits + section.memory[0].row_misses +
            section.memory[0].row_conflicts ==
        2 * 4 * kCount / 64);
  CHECK(section.memory[1].read_bytes == 0);
  CHECK(counters.link_elements[0] == kFirings);  // vectors from the load
  CHECK(counters.link_elements[1] == kTiles);    // tokens
  for (std::uint32_t c = 0; c < counters.num_contexts; ++c) {
    CHECK(counters.contexts[c].firings == kFirings);
    CHECK(counters.contexts[c].first_cycle >= section.program_cycles + section.argument_cycles);
    CHECK(counters.contexts[c].end_cycle > counters.contexts[c].first_cycle);
    CHECK(counters.contexts[c].end_cycle <= counters.cycles);
    CHECK(counters.contexts[c].busy_cycles >= kFirings);
  }
}

TEST_CASE("a traced run says when each context was busy") {
  Relu relu;
  const Run run = relu.begin(RDU_HW_RUN_TRACE);
  REQUIRE(outcome(run) == "0");
  const rdu_hw_counters counters = counters_of(run);
  REQUIRE(counters.num_spans >= counters.num_contexts);
  for (std::uint32_t i = 0; i < counters.num_spans; ++i) {
    const rdu_hw_span& span = counters.spans[i];
    REQUIRE(span.context < counters.num_contexts);
    CHECK(span.begin_cycle < span.end_cycle);
    CHECK(span.end_cycle <= counters.cycles);
    if (i != 0) CHECK(counters.spans[i - 1].context <= span.context);
  }
}

TEST_CASE("counters as JSON") {
  Relu relu;
  const Run run = relu.begin();
  REQUIRE(outcome(run) == "0");
  const rdu_hw_counters counters = counters_of(run);
  const rdu_hw_section_counters& section = counters.sections[0];
  std::string text(rdu_hw_run_print_json(run.get(), nullptr, 0), '\0');
  rdu_hw_run_print_json(run.get(), text.data(), text.size() + 1);
  CHECK(text.find('\n') == std::string::npos);
  const auto json = nlohmann::json::parse(text);
  CHECK(json["cycles"] == counters.cycles);
  CHECK(json["chip_ms"].get<double>() ==
        Approx(static_cast<double>(counters.cycles) / 1e6).epsilon(1e-5));
  REQUIRE(json["sections"].size() == 1);
  const auto& shown = json["sections"][0];
  CHECK(shown["name"] == "map");
  CHECK(shown["cycles"] == section.cycles);
  CHECK(shown["load"] == section.program_cycles + section.argument_cycles);
  CHECK(shown["exec"] == section.exec_cycles);
  CHECK(shown["pcu_used"] == 1);
  CHECK(shown["pmu_used"] == 2);
  CHECK(shown["flops"] == kCount);
  CHECK(shown["dram_bytes"] == 8 * kCount);
  CHECK(shown["flop_per_dram_byte"].get<double>() == Approx(0.125));
  const double exec = static_cast<double>(section.exec_cycles);
  const double moving = exec + static_cast<double>(section.quiesce_cycles);
  CHECK(shown["busy"].get<double>() == Approx(kCount / 16 / exec).epsilon(1e-5));
  CHECK(shown["dram_gb_s"].get<double>() == Approx(8 * kCount / moving).epsilon(1e-5));
}
