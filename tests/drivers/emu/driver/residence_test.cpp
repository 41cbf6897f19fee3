// What a chip holds between runs, and what makes it forget.
#include <nlohmann/json.hpp>
#include <numeric>

#include "tests/drivers/emu/driver/support.hpp"
#include "tests/drivers/image/samples.hpp"
#include "tests/drivers/image/support.hpp"

using namespace driver_test;
using namespace rdu_hw::image;

namespace {

constexpr std::uint32_t kCount = 64;

std::uint64_t sara20() {
  const rdu_hw_arch arch = image_test::chip("sara20");
  return rdu_hw_arch_hash(&arch);
}

// y = w · x, with w kept in a scratchpad.
struct Product {
  explicit Product(const Chip& on)
      : chip(on),
        module(load(on, image_test::kept_product(sara20(), kCount))),
        w(allocate(on, 4 * kCount)),
        x(allocate(on, 4 * kCount)),
        y(allocate(on, 4 * kCount)) {
    put(chip, w, std::vector<float>(kCount, 3));
    put(chip, x, std::vector<float>(kCount, 5));
  }

  // Whether the run set up, and what it yields everywhere.
  std::pair<bool, float> run() {
    const Run run = start(module, {{w, 0, 0}, {x, 0, 0}, {y, 0, 0}});
    REQUIRE(outcome(run) == "0");
    REQUIRE(rdu_hw_run_counters(run.get(), &counters, nullptr) == RDU_HW_OK);
    json.resize(rdu_hw_run_print_json(run.get(), nullptr, 0) + 1);
    rdu_hw_run_print_json(run.get(), json.data(), json.size());
    sections = {counters.sections, counters.sections + counters.num_sections};
    const std::vector<float> all = get<float>(chip, y, kCount);
    for (const float each : all) CHECK(each == all[0]);
    return {counters.setup_cycles != 0, all[0]};
  }

  const Chip& chip;
  Module module;
  std::uint64_t w, x, y;
  rdu_hw_counters counters = {};
  std::vector<rdu_hw_section_counters> sections;
  std::string json;
};

using Seen = std::pair<bool, float>;

}  // namespace

TEST_CASE("a chip sets up once, and counts that by itself") {
  const Chip chip = open_chip("sara20");
  Product product(chip);
  CHECK(product.run() == Seen(true, 15));
  CHECK(product.counters.setup_cycles == product.sections[0].cycles);
  CHECK(product.counters.cycles == product.sections[0].cycles + product.sections[1].cycles);
  const std::uint64_t body = product.sections[1].cycles;
  const std::uint64_t program = product.sections[1].program_cycles;
  CHECK(program != 0);
  const auto first = nlohmann::json::parse(product.json.c_str());
  CHECK(first["setup"].size() == 1);
  CHECK(first["setup"][0]["dram_bytes"] == 4 * kCount);
  CHECK(first["cycles"] == body);

  put(chip, product.x, std::vector<float>(kCount, 7));
  CHECK(product.run() == Seen(false, 21));
  CHECK(product.sections[0].cycles == 0);
  CHECK(product.sections[1].begin_cycle == 0);
  CHECK(product.sections[1].program_cycles == 0);
  // Fewer, but for the phase of the memory's refreshes.
  CHECK(product.counters.cycles <= body - program + 400);
  const auto again = nlohmann::json::parse(product.json.c_str());
  CHECK(again["setup"].empty());
  CHECK(again["sections"].size() == 1);
  CHECK(again["sections"][0]["dram_bytes"] == 2 * 4 * kCount);
}

TEST_CASE("modules that take turns set up each time") {
  const Chip chip = open_chip("sara20");
  Product a(chip), b(chip);
  put(chip, b.w, std::vector<float>(kCount, 4));
  for (int i = 0; i < 2; ++i) {
    CHECK(a.run() == Seen(true, 15));
    CHECK(b.run() == Seen(true, 20));
    CHECK(b.run() == Seen(false, 20));
  }
  // Neither does one that is loaded where another was unloaded.
  b.module = load(chip, image_test::kept_product(sara20(), kCount));
  CHECK(b.run() == Seen(true, 20));
}

TEST_CASE("bytes that setup sections read are the host's to change") {
  const Chip chip = open_chip("sara20");
  Product product(chip);
  CHECK(product.run() == Seen(true, 15));
  put(chip, product.w, std::vector<float>(kCount, 2));
  CHECK(product.run() == Seen(true, 10));
  CHECK(product.run() == Seen(false, 10));
  // One byte of it is enough, a neighbour's is not.
  put(chip, product.w + 4 * kCount - 1, std::vector<std::uint8_t>{0x40});
  CHECK(product.run() == Seen(true, 10));
  put(chip, product.y, std::vector<float>(kCount, 1));
  CHECK(product.run() == Seen(false, 10));

  SECTION("another place") {
    product.w = allocate(chip, 4 * kCount);
    CHECK(product.run() == Seen(true, 0));
  }
  SECTION("memory that was freed in between") {
    REQUIRE(rdu_hw_memory_free(chip.get(), RDU_HW_TIER_DRAM, product.w, nullptr) == RDU_HW_OK);
    CHECK(allocate(chip, 4 * kCount) == product.w);
    CHECK(product.run() == Seen(true, 0));
  }
}

TEST_CASE("a result that lies over what setup sections read is seen in the next run") {
  const Chip chip = open_chip("sara20");
  Product product(chip);
  product.y = product.w;  // w = w · 5
  CHECK(product.run() == Seen(true, 15));
  CHECK(product.run() == Seen(true, 75));
}

TEST_CASE("a run that is stopped leaves nothing behind") {
  const Chip chip = open_chip("sara20");
  Product product(chip);
  CHECK(product.run() == Seen(true, 15));
  Program endless = image_test::kept_product(sara20(), kCount);
  for (Context& context : endless.sections[1].contexts) {
    context.counters[0].extent = 1u << 30;
    for (Step& step : context.steps) {
      std::erase_if(step.terms, [](const rdu_hw_term& term) { return term.index == 0; });
    }
  }
  const Module module = load(chip, endless);
  for (int i = 0; i < 2; ++i) {
    const Run run = start(module, {{product.w, 0, 0}, {product.x, 0, 0}, {product.y, 0, 0}});
    rdu_hw_run_stop(run.get());
    CHECK(outcome(run).substr(0, 2) == "12");
  }
  CHECK(product.run() == Seen(true, 15));
  CHECK(product.run() == Seen(false, 15));
}
