// Contractions: what they come to, and that a block costs the greater of its steps and its drain.
#include <algorithm>
#include <bit>

#include "tests/drivers/emu/chip/parts.hpp"
#include "tests/drivers/image/samples.hpp"

using namespace chip_test;
using image_test::chip;
using rdu_hw::emu::Report;

namespace {

constexpr std::uint32_t kVector = RDU_HW_VECTOR;

struct Product {
  Parts parts;
  std::uint32_t a, b, c, array;
};

// Blocks of rows × columns over k steps, straight from memory and back.
Product product(const rdu_hw_arch& arch, std::uint32_t blocks, std::uint32_t k, std::uint32_t rows,
                std::uint32_t columns, std::uint32_t format) {
  Product p = {Parts(arch), 0, 0, 0, 0};
  Parts& parts = p.parts;
  p.a = parts.region(RDU_HW_ACCESS_READ, 4ull * blocks * k * rows);
  p.b = parts.region(RDU_HW_ACCESS_READ, 4ull * blocks * k * columns);
  p.c = parts.region(RDU_HW_ACCESS_WRITE, 4ull * blocks * rows * columns);
  const Parts::Counters of_a = {counter(blocks), counter(k), counter(rows, 16)};
  const Parts::Counters of_b = {counter(blocks), counter(k), counter(columns, 16)};
  const Parts::Counters of_c = {counter(blocks), counter(rows), counter(columns, 16)};
  const auto load_a = parts.transfer(RDU_HW_PROGRAM_LOAD, 0, p.a, of_a, linear(of_a));
  parts.output(load_a, kVector, 3);
  const auto load_b = parts.transfer(RDU_HW_PROGRAM_LOAD, 1, p.b, of_b, linear(of_b));
  parts.output(load_b, kVector, 3);
  p.array = parts.simd(0, 0, {counter(blocks), counter(k)}, {});
  parts.context(p.array).program = RDU_HW_PROGRAM_SYSTOLIC;
  parts.input(p.array, kVector, 2);
  parts.input(p.array, kVector, 2);
  parts.output(p.array, kVector, 1);
  parts.context(p.array).systolic = {rows, columns, format, 1, 0, 1, 2, 0};
  const auto store = parts.transfer(RDU_HW_PROGRAM_STORE, 2, p.c, of_c, linear(of_c));
  parts.input(store, kVector, 3);
  parts.link(kVector, {load_a, 0}, {{p.array, 0}}, 16);
  parts.link(kVector, {load_b, 0}, {{p.array, 1}}, 16);
  parts.link(kVector, {p.array, 2}, {{store, 0}}, 16);
  return p;
}

// Small whole numbers, whose sums are exact in any format.
std::int32_t left(std::uint32_t k, std::uint32_t m) {
  return static_cast<std::int32_t>((5 * k + 3 * m) % 17) - 8;
}
std::int32_t right(std::uint32_t k, std::uint32_t n) {
  return static_cast<std::int32_t>((7 * k + 2 * n) % 13) - 6;
}

std::uint32_t bf16(std::int32_t value) {
  return std::bit_cast<std::uint32_t>(static_cast<float>(value)) >> 16;
}

}  // namespace

TEST_CASE("a product of matrices in each format", "[chip]") {
  const rdu_hw_arch arch = chip("sn10", {"name=ideal", "network.kind=ideal"});
  constexpr std::uint32_t kBlocks = 3, kSteps = 40, kRows = 16, kColumns = 5;
  for (const std::uint32_t format :
       {RDU_HW_SYSTOLIC_FP32, RDU_HW_SYSTOLIC_INT32, RDU_HW_SYSTOLIC_BF16_PAIR}) {
    INFO("format " << format);
    Product p = product(arch, kBlocks, kSteps, kRows, kColumns, format);
    Machine machine(arch, p.parts.program);
    // One word has one step, or two.
    const std::uint32_t steps = format == RDU_HW_SYSTOLIC_BF16_PAIR ? 2 : 1;
    const auto words = [&](std::uint32_t width,
                           std::int32_t (*element)(std::uint32_t, std::uint32_t)) {
      std::vector<std::uint32_t> list;
      for (std::uint32_t k = 0; k < kBlocks * kSteps; ++k) {
        for (std::uint32_t i = 0; i < width; ++i) {
          const std::int32_t value = element(steps * k, i);
          list.push_back(format == RDU_HW_SYSTOLIC_INT32 ? static_cast<std::uint32_t>(value)
                         : format == RDU_HW_SYSTOLIC_FP32
                             ? std::bit_cast<std::uint32_t>(static_cast<float>(value))
                             : bf16(value) | bf16(element(2 * k + 1, i)) << 16);
        }
      }
      return list;
    };
    machine.put(p.a, words(kRows, left));
    machine.put(p.b, words(kColumns, right));
    const Report report = machine.report();
    const auto got = machine.get<std::uint32_t>(p.c, kBlocks * kRows * kColumns);
    for (std::uint32_t i = 0; i < got.size(); ++i) {
      const std::uint32_t block = i / (kRows * kColumns), m = i / kColumns % kRows,
                          n = i % kColumns;
      std::int32_t sum = 0;
      for (std::uint32_t k = block * kSteps * steps; k < (block + 1) * kSteps * steps; ++k) {
        sum += left(k, m) * right(k, n);
      }
      const float real = std::bit_cast<float>(got[i]);
      REQUIRE((format == RDU_HW_SYSTOLIC_INT32
                   ? static_cast<float>(static_cast<std::int32_t>(got[i]))
                   : real) == static_cast<float>(sum));
    }
    REQUIRE(report.contexts[p.array].operations ==
            2 * std::int64_t{steps} * kBlocks * kSteps * kRows * kColumns);
    REQUIRE(report.contexts[p.array].second.firings == kBlocks * kRows);
  }
}

TEST_CASE("a block costs its steps, or its drain where that is longer", "[chip]") {
  const rdu_hw_arch arch = chip("sn10", {"name=ideal", "network.kind=ideal"});
  // Operands out of scratchpads, one vector of each in every cycle.
  const auto between = [&](std::uint32_t k, std::uint32_t rows, std::uint32_t columns) {
    Parts parts(arch);
    constexpr std::uint32_t kBlocks = 8;
    const Parts::Counters counters = {counter(kBlocks), counter(k), counter(16, 16)};
    for (std::uint32_t i = 0; i < 2; ++i) {
      const auto buffer = parts.buffer({i, 1 - i, 1, RDU_HW_BANK_STRIDED, 0, 64ull * k, 1, 0});
      const auto read = parts.access(RDU_HW_PROGRAM_READ, buffer, counters, linear(counters, 4, 1));
      parts.output(read, kVector, 3);
    }
    const auto array = parts.simd(0, 0, {counter(kBlocks), counter(k)}, {});
    parts.context(array).program = RDU_HW_PROGRAM_SYSTOLIC;
    parts.input(array, kVector, 2);
    parts.input(array, kVector, 2);
    parts.output(array, kVector, 1);
    parts.context(array).systolic = {rows, columns, RDU_HW_SYSTOLIC_FP32, 1, 0, 1, 2, 0};
    const auto sink = parts.simd(2, 2, {counter(kBlocks), counter(rows), counter(16, 16)}, {});
    parts.input(sink, kVector, 3);
    for (std::uint32_t i = 0; i < 2; ++i) parts.link(kVector, {i, 0}, {{array, i}}, 16);
    parts.link(kVector, {array, 2}, {{sink, 0}}, 16);
    Machine machine(arch, parts.program);
    const Report report = machine.report();
    const auto& side = report.contexts[array].main;
    const auto& drain = report.contexts[array].second;
    // The first result leaves `columns` behind the last operands; six cycles of addresses and a hop before the first ones.
    REQUIRE(side.first == report.sections[0].start() + 6 + 1);
    REQUIRE(drain.first == side.first + k - 1 + columns);
    return (drain.last - drain.first - (rows - 1)) / (kBlocks - 1);
  };
  CHECK(between(100, 16, 6) == 100);
  CHECK(between(23, 16, 6) == 23);
  CHECK(between(10, 16, 6) == 16 + 6);
  CHECK(between(3, 2, 4) == 2 + 4);
}

TEST_CASE("a tile whose operands come by two ways", "[chip]") {
  const rdu_hw_arch arch = chip("sn10");
  Machine machine(arch, image_test::systolic_tile(rdu_hw_arch_hash(&arch), 64));
  Options options;
  options.trace = true;
  const Report report = machine.report(options);
  const Time start = report.sections[0].start();
  const auto& array = report.contexts[2].main;
  // Two hops and the unit's own for a.
  REQUIRE(array.first == start + 6 + 3);
  REQUIRE(array.waited == std::vector<Time>{6 + 3, 0, 0});
  REQUIRE(array.spans.size() == 1);
  REQUIRE(array.spans[0].begin == array.first);
  REQUIRE(array.spans[0].end == array.first + 32);
  REQUIRE(report.contexts[2].second.spans[0].begin == array.last + 6);
}
