// What goes through DRAM: gathers that merge, tokens that order, sections that hand data on, slots.
#include <numeric>

#include "tests/drivers/emu/chip/parts.hpp"

using namespace chip_test;
using image_test::chip;
using rdu_hw::emu::Report;

namespace {

constexpr std::uint32_t kVector = RDU_HW_VECTOR;
constexpr std::uint32_t kControl = RDU_HW_CONTROL;
constexpr std::uint32_t kRead = RDU_HW_ACCESS_READ;
constexpr std::uint32_t kWrite = RDU_HW_ACCESS_WRITE;

std::uint32_t load(Parts& parts, std::uint32_t agcu, std::uint32_t region,
                   Parts::Counters counters) {
  const Step step = linear(counters);
  return parts.transfer(RDU_HW_PROGRAM_LOAD, agcu, region, std::move(counters), step);
}

std::uint32_t store(Parts& parts, std::uint32_t agcu, std::uint32_t region,
                    Parts::Counters counters) {
  const Step step = linear(counters);
  const auto level = static_cast<std::uint32_t>(counters.size());
  const auto context =
      parts.transfer(RDU_HW_PROGRAM_STORE, agcu, region, std::move(counters), step);
  parts.input(context, kVector, level);
  return context;
}

}  // namespace

TEST_CASE("dense bursts are asked for once", "[chip]") {
  const rdu_hw_arch arch = chip("sara20");
  // 100 words from the twelfth byte of a burst on: vectors and bursts do not match.
  Parts parts(arch);
  const auto x = parts.region(kRead, 1024), y = parts.region(kWrite, 1024);
  const Parts::Counters counters = {counter(100, 16)};
  const auto from = load(parts, 0, x, counters);
  const auto to = store(parts, 1, y, counters);
  parts.output(from, kVector, 1);
  parts.context(from).steps[0].offset = 12;
  parts.context(to).steps[0].offset = 20;
  parts.link(kVector, {from, 0}, {{to, 0}}, 8);
  Machine machine(arch, parts.program);
  std::vector<std::uint32_t> words(256);
  std::iota(words.begin(), words.end(), 0);
  machine.put(x, words);
  machine.put(y, std::vector<std::uint32_t>(256, 7));
  const Report report = machine.report();
  REQUIRE(report.sections[0].memory[0].reads == 7);   // bytes 12 … 411
  REQUIRE(report.sections[0].memory[0].writes == 7);  // bytes 20 … 419
  const auto stored = machine.get<std::uint32_t>(y, 256);
  for (std::uint32_t i = 0; i < 256; ++i) {
    REQUIRE(stored[i] == (i >= 5 && i < 105 ? i - 5 + 3 : 7));
  }
  // The first vector touches two bursts, and so does the last but one of the whole ones; each further one touches one more.
  REQUIRE(report.contexts[from].main.busy == 7 + 1);
}

TEST_CASE("a gather merges lanes, and forgets at a token", "[chip]") {
  const rdu_hw_arch arch = chip("sara20");
  const auto reads = [&](bool tokens) {
    Parts parts(arch);
    const auto table = parts.region(kRead, 4 * 64), y = parts.region(kWrite, 64 * 8);
    const Parts::Counters counters = {counter(8), counter(16, 16)};
    // Lane j of vector i wants word (7 i + 5 j) mod 64: all four bursts of the table, each time.
    const auto indices = parts.simd(0, 0, counters,
                                    {compute(RDU_HW_OP_MUL_I32, 0, 0, index(0), word(7)),
                                     compute(RDU_HW_OP_MAD_I32, 1, 0, index(1), word(5), reg(0)),
                                     compute(RDU_HW_OP_MOD_I32, 2, 0, reg(0), word(64))});
    parts.output(indices, kVector, 2, reg(0));
    if (tokens) parts.output(indices, kControl, 1);
    const auto gather = parts.transfer(RDU_HW_PROGRAM_LOAD, 0, table, counters,
                                       {.terms = {{RDU_HW_TERM_PORT, 0, 4}}, .low = 0, .high = 253},
                                       RDU_HW_TRANSFER_SPARSE);
    parts.input(gather, kVector, 2);
    if (tokens) parts.input(gather, kControl, 1);
    const auto data = parts.output(gather, kVector, 2);
    const auto out = store(parts, 1, y, counters);
    parts.link(kVector, {indices, 0}, {{gather, 0}}, 8);
    if (tokens) parts.link(kControl, {indices, 1}, {{gather, 1}}, 8);
    parts.link(kVector, {gather, data}, {{out, 0}}, 8);
    Machine machine(arch, parts.program);
    std::vector<std::uint32_t> words(64);
    for (std::uint32_t i = 0; i < 64; ++i) words[i] = i * i;
    machine.put(table, words);
    const Report report = machine.report();
    const auto gathered = machine.get<std::uint32_t>(y, 128);
    for (std::uint32_t i = 0; i < 128; ++i) {
      REQUIRE(gathered[i] == words[(7 * (i / 16) + 5 * (i % 16)) % 64]);
    }
    return report.sections[0].memory[0].reads;
  };
  REQUIRE(reads(false) == 4);
  REQUIRE(reads(true) == 4 * 8);
}

TEST_CASE("a load behind a store's token sees what was stored", "[chip]") {
  const rdu_hw_arch arch = chip("sara20");
  Parts parts(arch);
  const auto x = parts.region(kRead | kWrite, 64 * 20), y = parts.region(kWrite, 64 * 20);
  const Parts::Counters counters = {counter(20), counter(16, 16)};
  const auto source =
      parts.simd(0, 0, counters, {compute(RDU_HW_OP_MAD_I32, 0, 0, index(0), word(100), index(1))});
  parts.output(source, kVector, 2, reg(0));
  const auto first = store(parts, 0, x, counters);
  parts.output(first, kControl, 1);
  const auto second = load(parts, 1, x, counters);
  parts.input(second, kControl, 1);
  parts.output(second, kVector, 2);
  const auto last = store(parts, 2, y, counters);
  parts.link(kVector, {source, 0}, {{first, 0}}, 8);
  parts.link(kControl, {first, 1}, {{second, 0}}, 1);
  parts.link(kVector, {second, 1}, {{last, 0}}, 8);
  Machine machine(arch, parts.program);
  machine.put(x, std::vector<std::uint32_t>(320, 0xffffffff));
  const Report report = machine.report();
  const auto words = machine.get<std::uint32_t>(y, 320);
  for (std::uint32_t i = 0; i < 320; ++i) REQUIRE(words[i] == i / 16 * 100 + i % 16);
  // To the controller and back at the least, then by the token's link.
  REQUIRE(report.contexts[second].main.first >=
          report.contexts[first].main.first + 2 * Time{arch.agcu.dram_cycles} + 2);
}

TEST_CASE("few slots make a stream wait for each burst", "[chip]") {
  const auto side = [&](const char* slots) {
    const rdu_hw_arch arch = chip("sara20", {"name=slots", slots});
    Parts parts(arch);
    const auto x = parts.region(kRead, 6400);
    const Parts::Counters counters = {counter(1600, 16)};
    const auto from = load(parts, 0, x, counters);
    parts.output(from, kVector, 1);
    const auto sink = parts.simd(0, 0, counters, {});
    parts.input(sink, kVector, 1);
    parts.link(kVector, {from, 0}, {{sink, 0}}, 8);
    Machine machine(arch, parts.program);
    return machine.report().contexts[from];
  };
  const auto two = side("agcu.outstanding=2");
  const auto many = side("agcu.outstanding=128");
  REQUIRE(many.main.queued == 0);
  REQUIRE(many.main.last - many.main.first == 99);
  // Two bursts in a way there and back, which is more than 2 · 20.
  REQUIRE(two.main.last - two.main.first > 98 / 2 * 2 * 20);
  REQUIRE(two.main.queued > 98 / 2 * 2 * 19);
}

TEST_CASE("requests get no further ahead of their data than the queue between them is long",
          "[chip]") {
  const rdu_hw_arch arch = chip("sara20", {"name=two-slots", "agcu.outstanding=2"});
  constexpr Time kQueue = 2 * 64 / 4;
  constexpr Time kUses = 3;
  // Always the same word, or only once.
  for (const bool always : {true, false}) {
    Parts parts(arch);
    const auto x = parts.region(kRead, 64);
    const Parts::Counters counters = {counter(400)};
    const Step step = {.terms = {counter_term(0, always ? 0 : 4)}, .low = 0, .high = 1};
    const auto from =
        parts.transfer(RDU_HW_PROGRAM_LOAD, 0, x, counters, step, RDU_HW_TRANSFER_SPARSE);
    parts.output(from, kVector, 1);
    const auto sink = parts.simd(0, 0, {counter(400), counter(kUses)}, {});
    parts.input(sink, kVector, 1);
    parts.link(kVector, {from, 0}, {{sink, 0}}, 2);
    Machine machine(arch, parts.program);
    const Report report = machine.report();
    const auto& load = report.contexts[from];
    CAPTURE(always);
    REQUIRE(report.sections[0].memory[0].reads == 1);
    // A firing asks in the cycle after the data left that were one queue before its own.
    REQUIRE(load.main.last == load.second.last - kQueue * kUses + 1);
    REQUIRE(load.main.queued == load.main.last - load.main.first - 399);
  }
}

TEST_CASE("a section finds what the one before left in a scratchpad and in memory", "[chip]") {
  const rdu_hw_arch arch = chip("sara20");
  Parts parts(arch);
  const auto x = parts.region(kRead | kWrite, 1024), y = parts.region(kWrite, 1024);
  const Parts::Counters counters = {counter(256, 16)};
  const rdu_hw_buffer tile = {2, 1, 1, RDU_HW_BANK_STRIDED, 4096, 1024, 1, 0};
  {
    const auto source = parts.simd(0, 0, counters, {});
    parts.output(source, kVector, 1, index(0));
    const auto write =
        parts.access(RDU_HW_PROGRAM_WRITE, parts.buffer(tile), counters, linear(counters));
    parts.input(write, kVector, 1);
    const auto out = store(parts, 3, x, counters);
    parts.link(kVector, {source, 0}, {{write, 0}, {out, 0}}, 8);
  }
  parts.next_section();
  const auto read =
      parts.access(RDU_HW_PROGRAM_READ, parts.buffer(tile), counters, linear(counters));
  parts.output(read, kVector, 1);
  const auto again = load(parts, 0, x, counters);
  parts.output(again, kVector, 1);
  const auto sum =
      parts.simd(0, 0, counters, {compute(RDU_HW_OP_MAD_I32, 0, 0, in(0), word(1000), in(1))});
  parts.input(sum, kVector, 1);
  parts.input(sum, kVector, 1);
  parts.output(sum, kVector, 1, reg(0));
  const auto out = store(parts, 1, y, counters);
  parts.link(kVector, {read, 0}, {{sum, 0}}, 8);
  parts.link(kVector, {again, 0}, {{sum, 1}}, 8);
  parts.link(kVector, {sum, 2}, {{out, 0}}, 8);
  Machine machine(arch, parts.program);
  const Report report = machine.report();
  const auto words = machine.get<std::uint32_t>(y, 256);
  for (std::uint32_t i = 0; i < 256; ++i) REQUIRE(words[i] == 1001 * i);
  REQUIRE(report.sections[1].begin == report.sections[0].end());
  REQUIRE(report.cycles == report.sections[1].end());
  // A region and nothing else; then two regions.
  REQUIRE(report.sections[0].argument_load == 1000 + 1);
  REQUIRE(report.sections[1].memory[0].reads == 16);
  REQUIRE(report.contexts[4].section == 1);
  // Scratchpads do not outlive a run.
  Machine second(arch, parts.program);
  rdu_hw::image::Program only = parts.program;
  only.sections.erase(only.sections.begin());
  Machine alone(arch, only);
  alone.report();
  REQUIRE(alone.get<std::uint32_t>(y, 256) == std::vector<std::uint32_t>(256, 0));
}
