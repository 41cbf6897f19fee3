// Scratchpad contents that one section writes and a later one reads.
#include <catch2/catch.hpp>
#include <set>

#include "tests/tools/rducc/target/rdu/chips.hpp"
#include "tests/tools/rducc/target/rdu/flows.hpp"
#include "tests/tools/rducc/target/rdu/run.hpp"
#include "tools/rducc/target/rdu/slots.hpp"

using namespace rducc::rdu;
using namespace rdu_test;

namespace {

constexpr std::uint32_t kWords = 256;

void add_filling(Flow& flow, Store store, std::uint64_t bytes = 4 * kWords) {
  const Region in = flow.region("in", 4 * kWords, RDU_HW_ACCESS_READ);
  Section& section = flow.section("fill");
  const Memory load = section.load("load", {lanes(kWords, 16)}, in, at(0, 4));
  const BufferHandle buffer = section.buffer("kept", bytes, {.store = store});
  section.write("write", {lanes(kWords, 16)}, buffer, load.data(), at(0, 4));
}

void add_emptying(Flow& flow, Store store, const char* name = "out") {
  const Region out = flow.region(name, 4 * kWords, RDU_HW_ACCESS_WRITE);
  Section& section = flow.section("empty");
  const BufferHandle buffer = section.buffer("kept", 4 * kWords, {.store = store});
  const Memory read =
      section.read("read", {lanes(kWords, 16)}, buffer, at(0, -4) + 4 * (kWords - 1));
  section.store("store", {lanes(kWords, 16)}, out, read.data(), at(0, 4));
}

// Setup sections fill a store each, sections behind them read them; all others that a chip has beside.
void add_kept(Flow& flow, std::uint32_t count, bool crowded) {
  std::vector<Store> stores;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::string number = std::to_string(i);
    stores.push_back(flow.store("kept " + number));
    const Region in = flow.region("in " + number, 4 * kWords, RDU_HW_ACCESS_READ);
    Section& section = flow.setup_section("fill " + number);
    const Memory load = section.load("load", {lanes(kWords, 16)}, in, at(0, 4));
    const BufferHandle buffer = section.buffer("kept", 4 * kWords, {.store = stores.back()});
    section.write("write", {lanes(kWords, 16)}, buffer, load.data(), at(0, 4));
  }
  for (const Store store : stores) {
    if (crowded) add_fabric(flow, 1, 7, 16);
    add_emptying(flow, store, "what was kept");
  }
}

// The PMUs that the image's sections keep something in.
std::set<std::pair<std::uint32_t, std::uint32_t>> kept_in(const std::vector<std::uint8_t>& bytes) {
  rdu_hw_image* image = nullptr;
  REQUIRE(rdu_hw_image_decode(bytes.data(), bytes.size(), &image, nullptr) == RDU_HW_IMAGE_OK);
  std::set<std::pair<std::uint32_t, std::uint32_t>> places;
  for (std::uint32_t s = 0; s < rdu_hw_image_num_setup_sections(image); ++s) {
    const rdu_hw_buffer& buffer = image->buffers[image->sections[s].buffers.first];
    places.insert({buffer.row, buffer.column});
  }
  rdu_hw_image_free(image);
  return places;
}

}  // namespace

TEST_CASE("what is stored survives a section that uses all other PMUs") {
  for (const char* name : {"edge", "plasticine", "sara20"}) {
    INFO(name);
    const rdu_hw_arch arch = chip(name);
    Flow flow;
    const Store store = flow.store("state");
    add_filling(flow, store);
    add_fabric(flow, std::string(name) == "edge" ? 1 : 3, 7, 16);
    add_emptying(flow, store);
    const Ran ran = run(flow, arch);
    REQUIRE(ran.error == "");
    Words expected = ran.before[0];
    std::ranges::reverse(expected);
    CHECK(ran.after.back() == expected);
  }
}

TEST_CASE("what is stored survives a section that was built before it had a place") {
  const rdu_hw_arch arch = chip("edge");
  Flow flow;
  add_kept(flow, 2, false);
  const Store state = flow.store("state");
  add_filling(flow, state);
  // Keeps the most, so that it is built first.
  const Region out = flow.region("both", 8 * kWords, RDU_HW_ACCESS_WRITE);
  Section& between = flow.section("between");
  for (std::uint32_t i = 0; i < 2; ++i) {
    const BufferHandle kept = between.buffer("kept", 4 * kWords, {.store = Store{i}});
    Memory read = between.read("read", {lanes(kWords, 16)}, kept, at(0, 4));
    for (int copy = 0; copy < 2; ++copy) {
      const BufferHandle own = between.buffer("own", 4 * kWords);
      const Memory write = between.write("write", {lanes(kWords, 16)}, own, read.data(), at(0, 4));
      read = between.read("read", {lanes(kWords, 16)}, own, at(0, 4));
      between.metapipe(own, {write, 0}, {read, 0});
    }
    between.store("store", {lanes(kWords, 16)}, out, read.data(), at(0, 4) + 4 * kWords * i);
  }
  add_emptying(flow, state);
  const Ran ran = run(flow, arch);
  REQUIRE(ran.error == "");
  const auto filled = std::ranges::find_if(
      flow.arguments(), [](const Argument& argument) { return argument.label.name == "in"; });
  REQUIRE(filled != flow.arguments().end());
  Words expected = ran.before[static_cast<std::size_t>(filled - flow.arguments().begin())];
  std::ranges::reverse(expected);
  CHECK(ran.after.back() == expected);
}

TEST_CASE("what stays has slots that all sections leave room in") {
  Slots slots({{60, 60}, {90}, {40, 10}}, 100);
  const Site a{0, 1}, b{1, 0}, c{1, 2};
  slots.take(a, 0);
  slots.take(b, 0);
  slots.built(0);
  slots.reserve({c});
  CHECK(slots.sites().size() == 3);
  CHECK(slots.room(c, 100, 2) == 10);
  CHECK(slots.room(c, 100, 1) == 100);
  CHECK(slots.room(a, 40, 1) + slots.room(b, 40, 1) == 30);
  CHECK(slots.room(a, 40, 2) == 40);
}

TEST_CASE("a store's PMU counts as taken while it lives") {
  Flow flow;
  const Store store = flow.store("state");
  add_filling(flow, store);
  add_fabric(flow, 1, 8, 16);
  add_emptying(flow, store);
  const auto built = build_program(flow, chip("edge", {"pmu.counters=4"}));
  REQUIRE(!built.ok());
  CHECK(built.error().message ==
        "section \"fabric\": the section needs 8 PMUs (8 before sharing), and there are 7");
}

TEST_CASE("buffers of one store are alike") {
  Flow flow;
  const Store store = flow.store("state");
  add_filling(flow, store, 8 * kWords);
  add_emptying(flow, store);
  const auto built = build_program(flow, chip("sara20"));
  REQUIRE(!built.ok());
  CHECK(built.error().message ==
        "buffers \"kept\" and \"kept\" of store \"state\" differ in size or banks");
}

TEST_CASE("stores of setup sections share a PMU, which others leave alone") {
  for (const char* name : {"edge", "sara20"}) {
    INFO(name);
    const rdu_hw_arch arch = chip(name);
    Flow flow;
    add_kept(flow, 3, std::string(name) == "edge");
    const auto built = build_program(flow, arch);
    REQUIRE(built.ok());
    CHECK(kept_in(built->image).size() == 1);
    const Ran ran = run(flow, arch);
    REQUIRE(ran.error == "");
    std::size_t out = 0;
    for (std::size_t i = 0; i < flow.arguments().size(); ++i) {
      if (flow.arguments()[i].label.name != "what was kept") continue;
      Words expected = ran.before[out++];
      std::ranges::reverse(expected);
      CHECK(ran.after[i] == expected);
    }
    CHECK(out == 3);
  }
}

TEST_CASE("what stays takes more PMUs where one has not the bytes") {
  const rdu_hw_arch arch = chip("edge", {"pmu.bytes=2048"});
  Flow flow;
  add_kept(flow, 3, false);
  const auto built = build_program(flow, arch);
  INFO((built.ok() ? "" : built.error().message));
  REQUIRE(built.ok());
  CHECK(kept_in(built->image).size() == 2);
}

TEST_CASE("a setup section comes first") {
  Flow flow;
  const Store store = flow.store("state");
  add_filling(flow, store);
  flow.setup_section("late");
  const auto built = build_program(flow, chip("edge"));
  REQUIRE(!built.ok());
  CHECK(built.error().message == "section \"late\": a setup section comes before all others");
}
