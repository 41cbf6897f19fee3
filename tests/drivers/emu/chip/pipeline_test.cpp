// Closed forms of pipelines: streams, metapipes, sequences, reconvergent paths.
#include "tests/drivers/emu/chip/parts.hpp"

using namespace chip_test;
using image_test::chip;
using rdu_hw::emu::Report;

namespace {

constexpr std::uint32_t kVector = RDU_HW_VECTOR;
constexpr std::uint32_t kControl = RDU_HW_CONTROL;

// What sends: address_cycles in a PMU, or one cycle for its tokens, all stages of a PCU; and a hop.
Time way_from_pmu(const rdu_hw_arch& arch) { return arch.pmu.address_cycles + 1; }
Time way_from_pcu(const rdu_hw_arch& arch) { return arch.pcu.stages + 1; }
constexpr Time kWayOfToken = 2;

// Numbers from a PCU through `copies` of a buffer, `vectors` of each tile, `tiles` of them.
struct Tiles {
  std::uint32_t source, writer, reader, sink;
};
Tiles add_tiles(Parts& parts, std::uint32_t tiles, std::uint32_t vectors, std::uint32_t copies) {
  const Parts::Counters counters = {counter(tiles), counter(16 * vectors, 16)};
  const std::uint32_t buffer =
      parts.buffer({0, 1, copies, RDU_HW_BANK_STRIDED, 0, 64ull * vectors, 1, 0});
  Tiles t = {};
  t.source = parts.simd(0, 0, counters, {compute(RDU_HW_OP_ADD_I32, 0, 0, index(0), index(1))});
  parts.output(t.source, kVector, 2, reg(0));
  t.writer = parts.access(RDU_HW_PROGRAM_WRITE, buffer, counters, linear(counters, 4, 1));
  parts.context(t.writer).access.swap_level = 1;
  parts.input(t.writer, kVector, 2);
  parts.output(t.writer, kControl, 1, {}, RDU_HW_ROOM_FIRST);
  t.reader = parts.access(RDU_HW_PROGRAM_READ, buffer, counters, linear(counters, 4, 1));
  parts.context(t.reader).access.swap_level = 1;
  parts.input(t.reader, kControl, 1);
  parts.output(t.reader, kVector, 2);
  t.sink = parts.simd(0, 2, counters, {});
  parts.input(t.sink, kVector, 2);
  parts.link(kVector, {t.source, 0}, {{t.writer, 0}}, 16);
  parts.link(kControl, {t.writer, 1}, {{t.reader, 0}}, copies);
  parts.link(kVector, {t.reader, 1}, {{t.sink, 0}}, 16);
  return t;
}

}  // namespace

TEST_CASE("a stream takes as long as its vectors and its latencies", "[chip]") {
  const rdu_hw_arch arch = chip("sara20");
  Parts parts(arch);
  const Parts::Counters counters = {counter(16 * 60, 16)};
  const auto source =
      parts.simd(0, 0, counters, {compute(RDU_HW_OP_MUL_I32, 0, 0, index(0), word(3))});
  parts.output(source, kVector, 1, reg(0));
  const auto map = parts.simd(
      1, 1, counters,
      {compute(RDU_HW_OP_ADD_I32, 0, 0, in(0), word(1)), compute(RDU_HW_OP_NEG_I32, 4, 0, reg(0))});
  parts.input(map, kVector, 1);
  parts.output(map, kVector, 1, reg(0));
  const auto y = parts.region(RDU_HW_ACCESS_WRITE, 64 * 60);
  const auto store = parts.transfer(RDU_HW_PROGRAM_STORE, 0, y, counters, linear(counters));
  parts.input(store, kVector, 1);
  parts.link(kVector, {source, 0}, {{map, 0}}, 4);
  parts.link(kVector, {map, 1}, {{store, 0}}, 4);
  Machine machine(arch, parts.program);
  const Report report = machine.report();
  const Time start = report.sections[0].start();
  const Time way = way_from_pcu(arch);
  // Through all stages, whether one is used or two.
  REQUIRE(report.contexts[map].main.first == start + way);
  REQUIRE(report.contexts[store].main.first == start + 2 * way);
  REQUIRE(report.sections[0].execution == 2 * way + 60);
  REQUIRE(report.sections[0].quiesce > 0);
  const auto words = machine.get<std::int32_t>(y, 960);
  for (std::int32_t i = 0; i < 960; ++i)
    REQUIRE(words[static_cast<std::size_t>(i)] == -(3 * i + 1));
}

TEST_CASE("a metapipe overlaps its stages, a single buffer puts them in a row", "[chip]") {
  const rdu_hw_arch arch = chip("sara20");
  constexpr Time kTiles = 10, kVectors = 64;
  const auto execution = [&](std::uint32_t copies) {
    Parts parts(arch);
    const Tiles t = add_tiles(parts, kTiles, kVectors, copies);
    Machine machine(arch, parts.program);
    const Report report = machine.report();
    REQUIRE(report.contexts[t.reader].main.firings == kTiles * kVectors);
    return report.sections[0].execution;
  };
  const Time way = way_from_pcu(arch);
  // Of the last tile, from its first firing on.
  const Time ends = (kVectors - 1) + kWayOfToken + (kVectors - 1) + way_from_pmu(arch) + 1;
  // With a copy to spare stages never wait: (N + S - 1) · t for two of them, one behind the other by the tile's token.
  REQUIRE(execution(3) == way + (kTiles - 1) * kVectors + ends);
  // Two copies: the writer has its second tile in between, but waits for the token's way and the credit's, two cycles.
  const Time pair = (kVectors - 1) + kWayOfToken + (kVectors - 1) + 2;
  REQUIRE(execution(2) == way + (kTiles / 2 - 1) * pair + kVectors + ends);
  // One copy: N · Σ t.
  REQUIRE(execution(1) == way + (kTiles - 1) * pair + ends);
}

TEST_CASE("a link to many waits for all of them", "[chip]") {
  const rdu_hw_arch arch = chip("sara20");
  Parts parts(arch);
  const Parts::Counters counters = {counter(40), counter(16, 16)};
  const auto source = parts.simd(0, 0, counters, {});
  parts.output(source, kVector, 2, index(0));
  const auto fast = parts.simd(0, 2, counters, {});
  parts.input(fast, kVector, 2);
  // Holds each vector for three firings.
  const Parts::Counters thrice = {counter(40), counter(3)};
  const auto slow = parts.simd(0, 4, thrice, {});
  parts.input(slow, kVector, 1);
  parts.link(kVector, {source, 0}, {{fast, 0}, {slow, 0}}, 1);
  Machine machine(arch, parts.program);
  const Report report = machine.report();
  const Time start = report.sections[0].start();
  const Time way = way_from_pcu(arch);
  REQUIRE(report.contexts[slow].main.last == start + way + 3 * 40 - 1);
  // So many elements are on the way or in the FIFO: depth 1, two buffers, all stages. The last leaves when the one so many before it
  // was taken two cycles ago.
  const Time under_way = 1 + 2 + Time{arch.pcu.stages};
  const Time taken = start + way + 3 * (40 - under_way) - 1;
  REQUIRE(report.contexts[source].main.last == taken + 2);
  REQUIRE(report.contexts[fast].main.last == taken + 2 + way);
  REQUIRE(report.links[0].elements == 40);
}

TEST_CASE("a path that meets another again needs room for the difference", "[chip]") {
  const rdu_hw_arch arch = chip("sara20", {"pcu.ports.vector_fifo_depth=32"});
  // The long way sums 20 vectors to one; the short way has to hold them meanwhile.
  const auto run = [&](std::uint32_t depth) {
    Parts parts(arch);
    const Parts::Counters counters = {counter(5), counter(20), counter(16, 16)};
    const auto source = parts.simd(0, 0, counters, {});
    parts.output(source, kVector, 3, index(2));
    const auto sum = parts.simd(
        0, 2, counters, {accumulate(RDU_HW_DO_ACCUMULATE, RDU_HW_FOLD_ADD_I32, 0, 0, 1, in(0))});
    parts.input(sum, kVector, 3);
    parts.output(sum, kVector, 1, reg(0));
    const auto join = parts.simd(0, 4, counters, {compute(RDU_HW_OP_SUB_I32, 0, 0, in(0), in(1))});
    parts.input(join, kVector, 3);
    parts.input(join, kVector, 1);
    parts.output(join, RDU_HW_SCALAR, 0, reg(0));
    const auto word = parts.scalar(RDU_HW_ACCESS_WRITE);
    const auto result = parts.result(0, word);
    parts.input(result, RDU_HW_SCALAR, 0);
    parts.link(kVector, {source, 0}, {{sum, 0}, {join, 0}}, depth);
    parts.link(kVector, {sum, 1}, {{join, 1}}, 2);
    parts.link(RDU_HW_SCALAR, {join, 2}, {{result, 0}}, 1);
    Machine machine(arch, parts.program);
    return machine.run();
  };
  // Beside the FIFO two buffers and six stages hold vectors.
  REQUIRE(run(11).failure == Failure::kDeadlock);
  REQUIRE(run(12).ok());
  const std::string text = run(11).error;
  REQUIRE(text.find("section 0: nothing can move\n") == 0);
  REQUIRE(text.find("context 0 (time ") != std::string::npos);
  REQUIRE(text.find("waits for room in link 0 (full, 19 of 19), read by context 2") !=
          std::string::npos);
}
