// Scratchpads: banks, folds, copies, ports that are shared, tables and dynamic extents.
#include <algorithm>
#include <numeric>

#include "tests/drivers/emu/chip/parts.hpp"

using namespace chip_test;
using image_test::chip;
using rdu_hw::emu::Report;

namespace {

constexpr std::uint32_t kVector = RDU_HW_VECTOR;
constexpr std::uint32_t kScalar = RDU_HW_SCALAR;
constexpr std::uint32_t kControl = RDU_HW_CONTROL;

// Lanes 0 … 15 of vector i are 16 i + lane, into a buffer; then a token to whoever reads it.
std::uint32_t fill(Parts& parts, std::uint32_t buffer, std::uint32_t vectors) {
  const Parts::Counters counters = {counter(16 * vectors, 16)};
  const auto source = parts.simd(4, 4, counters, {});
  parts.output(source, kVector, 1, index(0));
  const auto write = parts.access(RDU_HW_PROGRAM_WRITE, buffer, counters, linear(counters));
  parts.input(write, kVector, 1);
  parts.output(write, kControl, 0);
  parts.link(kVector, {source, 0}, {{write, 0}}, 8);
  return write;
}

std::uint32_t store(Parts& parts, std::uint32_t agcu, std::uint32_t region,
                    const Parts::Counters& counters) {
  const auto context =
      parts.transfer(RDU_HW_PROGRAM_STORE, agcu, region, counters, linear(counters));
  parts.input(context, kVector, static_cast<std::uint32_t>(counters.size()));
  return context;
}

}  // namespace

TEST_CASE("a column of a matrix conflicts unless its rows are skewed", "[chip]") {
  const rdu_hw_arch arch = chip("sara20");
  // 16 columns of a 16 × 16 matrix, 16 lanes each: all in one bank, or each in another.
  const auto transpose = [&](std::uint32_t mode) {
    Parts parts(arch);
    const auto buffer =
        parts.buffer({0, 1, 1, mode, 0, 1024, mode == RDU_HW_BANK_DIAGONAL ? 16u : 1u, 0});
    const auto write = fill(parts, buffer, 16);
    const Parts::Counters counters = {counter(16), counter(16, 16)};
    const auto read = parts.access(RDU_HW_PROGRAM_READ, buffer, counters,
                                   {.terms = {counter_term(0, 4), counter_term(1, 64)}});
    parts.input(read, kControl, 0);
    parts.output(read, kVector, 2);
    const auto y = parts.region(RDU_HW_ACCESS_WRITE, 1024);
    const auto out = store(parts, 0, y, counters);
    parts.link(kControl, {write, 1}, {{read, 0}}, 1);
    parts.link(kVector, {read, 1}, {{out, 0}}, 8);
    Machine machine(arch, parts.program);
    const Report report = machine.report();
    const auto words = machine.get<std::uint32_t>(y, 256);
    for (std::uint32_t i = 0; i < 256; ++i) REQUIRE(words[i] == i % 16 * 16 + i / 16);
    REQUIRE(report.contexts[read].main.last - report.contexts[read].main.first ==
            15 * (1 + report.contexts[read].main.conflicts / 16));
    return report.contexts[read].main.conflicts;
  };
  REQUIRE(transpose(RDU_HW_BANK_STRIDED) == 16 * 15);
  REQUIRE(transpose(RDU_HW_BANK_DIAGONAL) == 0);
}

TEST_CASE("a fold adds to what is there, and overwrites while it is fresh", "[chip]") {
  const rdu_hw_arch arch = chip("sara20");
  Parts parts(arch);
  const auto buffer = parts.buffer({0, 1, 1, RDU_HW_BANK_STRIDED, 0, 256, 1, 0});
  // Twice a histogram of i mod 10 over 5 · 16 values, with a weight of i: lanes meet in a word.
  const Parts::Counters counters = {counter(2), counter(80, 16)};
  const auto source = parts.simd(4, 4, counters, {});
  parts.output(source, kVector, 2, index(1));
  Step bin = {.terms = {counter_term(1, 1)}, .modulus = 10};
  const auto write = parts.access(RDU_HW_PROGRAM_WRITE, buffer, counters, bin);
  parts.context(write).steps.push_back({.terms = {{RDU_HW_TERM_STEP, 0, 4}}});
  parts.context(write).access.fold = RDU_HW_FOLD_ADD_I32;
  parts.input(write, kVector, 2);
  parts.output(write, kControl, 0);
  const Parts::Counters bins = {counter(10, 16)};
  const auto read = parts.access(RDU_HW_PROGRAM_READ, buffer, bins, linear(bins));
  parts.input(read, kControl, 0);
  parts.output(read, kVector, 1);
  const auto y = parts.region(RDU_HW_ACCESS_WRITE, 40);
  const auto out = store(parts, 0, y, bins);
  parts.link(kVector, {source, 0}, {{write, 0}}, 8);
  parts.link(kControl, {write, 1}, {{read, 0}}, 1);
  parts.link(kVector, {read, 1}, {{out, 0}}, 8);
  const auto histogram = [&](std::int32_t times) {
    std::vector<std::int32_t> sums(10, 0);
    for (std::int32_t i = 0; i < 80; ++i) sums[static_cast<std::size_t>(i % 10)] += times * i;
    return sums;
  };
  Machine twice(arch, parts.program);
  twice.report();
  REQUIRE(twice.get<std::int32_t>(y, 10) == histogram(2));
  // Fresh in the first vector of each pass: what it writes stays of its higher lanes, and the pass before is gone.
  parts.context(write).access.fresh_first = 1;
  parts.context(write).access.fresh_count = 1;
  Machine fresh(arch, parts.program);
  fresh.report();
  std::vector<std::int32_t> expected(10, 0);
  for (std::int32_t i = 0; i < 16; ++i) expected[static_cast<std::size_t>(i % 10)] = i;
  for (std::int32_t i = 16; i < 80; ++i) expected[static_cast<std::size_t>(i % 10)] += i;
  REQUIRE(fresh.get<std::int32_t>(y, 10) == expected);
}

TEST_CASE("readers of one port are served first come, first served", "[chip]") {
  const rdu_hw_arch arch = chip("sara20");
  Parts parts(arch);
  const auto buffer = parts.buffer({0, 1, 1, RDU_HW_BANK_STRIDED, 0, 64 * 8, 1, 0});
  const auto write = fill(parts, buffer, 8);
  const Parts::Counters counters = {counter(16 * 8, 16)};
  std::vector<std::uint32_t> readers;
  for (std::uint32_t i = 0; i < 3; ++i) {
    readers.push_back(parts.access(RDU_HW_PROGRAM_READ, buffer, counters, linear(counters)));
    parts.input(readers[i], kControl, 0);
    parts.output(readers[i], kVector, 1);
    const auto sink = parts.simd(0, 2 + 2 * i, counters, {});
    parts.input(sink, kVector, 1);
    parts.link(kVector, {readers[i], 1}, {{sink, 0}}, 8);
  }
  parts.link(kControl, {write, 1}, {{readers[0], 0}, {readers[1], 0}, {readers[2], 0}}, 1);
  Machine machine(arch, parts.program);
  const Report report = machine.report();
  const Time first = report.contexts[readers[0]].main.first;
  for (std::uint32_t i = 0; i < 3; ++i) {
    // All come together; then they take turns in the order of their numbers.
    const auto& side = report.contexts[readers[i]].main;
    REQUIRE(side.first == first + i);
    REQUIRE(side.last == first + i + 3 * 7);
    // A delay is whose end it is: the first firing of the later ones waited for the port at last.
    REQUIRE(side.queued == (i == 0 ? 0 : first + i - report.sections[0].start()) + 2 * 7);
  }
}

TEST_CASE("an extent that comes from a port", "[chip]") {
  const rdu_hw_arch arch = chip("sara20");
  Parts parts(arch);
  const auto buffer = parts.buffer({0, 1, 1, RDU_HW_BANK_STRIDED, 0, 4096, 1, 0});
  const auto write = fill(parts, buffer, 64);
  // Sums of the first 1, 4, 7, … numbers: rows of a triangle.
  const Parts::Counters rows = {counter(20)};
  const auto lengths =
      parts.simd(6, 6, rows, {compute(RDU_HW_OP_MAD_I32, 0, 0, index(0), word(3), word(1))});
  parts.output(lengths, kScalar, 1, reg(0));
  Parts::Counters counters = {counter(20), counter(1000, 16)};
  const auto read =
      parts.access(RDU_HW_PROGRAM_READ, buffer, counters, {.terms = {counter_term(1, 4)}});
  const auto sum = parts.simd(0, 2, counters,
                              {accumulate(RDU_HW_DO_REDUCE, RDU_HW_FOLD_ADD_I32, 0, 0, 1, in(0))});
  parts.input(read, kControl, 0);
  parts.input(read, kScalar, 1);
  parts.output(read, kVector, 2);
  parts.input(sum, kVector, 2);
  parts.input(sum, kScalar, 1);
  parts.output(sum, kScalar, 1, reg(0));
  for (const auto context : {read, sum}) {
    parts.context(context).counters[1].extent_from = RDU_HW_EXTENT_PORT;
    parts.context(context).counters[1].source = 1;
  }
  const auto y = parts.region(RDU_HW_ACCESS_WRITE, 80);
  const auto out = parts.transfer(RDU_HW_PROGRAM_STORE, 0, y, rows, linear(rows));
  parts.input(out, kScalar, 1);
  parts.link(kControl, {write, 1}, {{read, 0}}, 1);
  parts.link(kScalar, {lengths, 0}, {{read, 1}, {sum, 1}}, 4);
  parts.link(kVector, {read, 2}, {{sum, 0}}, 8);
  parts.link(kScalar, {sum, 2}, {{out, 0}}, 4);
  Machine machine(arch, parts.program);
  const Report report = machine.report();
  const auto sums = machine.get<std::int32_t>(y, 20);
  std::int64_t vectors = 0;
  for (std::int32_t i = 0; i < 20; ++i) {
    const std::int32_t length = 3 * i + 1;
    REQUIRE(sums[static_cast<std::size_t>(i)] == length * (length - 1) / 2);
    vectors += (length + 15) / 16;
  }
  REQUIRE(report.contexts[read].main.firings == vectors);
  REQUIRE(report.contexts[sum].operations == 20 + 3 * 190);

  Options times;
  times.values = false;
  REQUIRE(machine.run(times).failure == Failure::kUnsupported);
  // One row more would be longer than it may be.
  parts.context(read).counters[1].extent = parts.context(sum).counters[1].extent = 57;
  const Result failed = Machine(arch, parts.program).run();
  REQUIRE(failed.failure == Failure::kExtent);
  REQUIRE(failed.error == "section 0: context 3, counter 1: extent: expected 1 to 57, got 58");
}
