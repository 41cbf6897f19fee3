// Scratchpad contents that one section writes and a later one reads.
#include <catch2/catch.hpp>

#include "tests/tools/rducc/target/rdu/chips.hpp"
#include "tests/tools/rducc/target/rdu/flows.hpp"
#include "tests/tools/rducc/target/rdu/run.hpp"

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

void add_emptying(Flow& flow, Store store) {
  const Region out = flow.region("out", 4 * kWords, RDU_HW_ACCESS_WRITE);
  Section& section = flow.section("empty");
  const BufferHandle buffer = section.buffer("kept", 4 * kWords, {.store = store});
  const Memory read =
      section.read("read", {lanes(kWords, 16)}, buffer, at(0, -4) + 4 * (kWords - 1));
  section.store("store", {lanes(kWords, 16)}, out, read.data(), at(0, 4));
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
