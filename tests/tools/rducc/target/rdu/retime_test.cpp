// Streams that meet again: what waits on the shorter way has room, or the section would stop.
#include "tools/rducc/target/rdu/retime.hpp"

#include <catch2/catch.hpp>
#include <numeric>

#include "tests/tools/rducc/target/rdu/chips.hpp"
#include "tests/tools/rducc/target/rdu/flows.hpp"
#include "tests/tools/rducc/target/rdu/run.hpp"
#include "tools/rducc/target/rdu/random.hpp"
#include "tools/rducc/target/rdu/schedule.hpp"

using namespace rducc::rdu;
using namespace rdu_test;

namespace {

// out[r][i] = x[r][i] - Σ x[r]: every word of a row waits until the row's sum is there.
void add_centred_rows(Flow& flow, std::uint32_t rows, std::uint32_t words, std::uint32_t width) {
  const std::uint64_t bytes = 4 * std::uint64_t{rows} * words;
  const Region in = flow.region("in", bytes, RDU_HW_ACCESS_READ);
  const Region out = flow.region("out", bytes, RDU_HW_ACCESS_WRITE);
  Section& section = flow.section("centred rows");
  const Chain chain = {loop(rows), lanes(words, width)};
  const Memory load = section.load("load", chain, in, linear(chain));
  Simd sum = section.simd("sum", chain);
  const Value total = sum.reduce(RDU_HW_FOLD_ADD_I32, 1, sum.input(load.data()));
  const Stream totals = sum.scalar(total, 1);
  Simd centre = section.simd("centre", chain);
  const Value x = centre.input(load.data());
  const Value mean = centre.input(totals, 1);
  const Value y = centre.compute(RDU_HW_OP_SUB_I32, x, mean);
  section.store("store", chain, out, centre.vector(y), linear(chain));
}

Words centred(const Words& x, std::uint32_t words) {
  Words y;
  for (std::size_t row = 0; row < x.size(); row += words) {
    std::uint32_t sum = 0;
    for (std::uint32_t i = 0; i < words; ++i) sum += x[row + i];
    for (std::uint32_t i = 0; i < words; ++i) y.push_back(x[row + i] - sum);
  }
  return y;
}

}  // namespace

TEST_CASE("rows that wait for their sums are kept in a scratchpad, or in FIFOs where they fit") {
  struct Size {
    std::uint32_t words;
    std::uint32_t pmus;
  };
  constexpr std::uint32_t kRows = 6;
  for (const char* name : {"plasticine", "sara20", "sn10", "edge"}) {
    for (const Size& size : {Size{64, 0}, Size{320, 0}, Size{2000, 1}}) {
      INFO(name << ", rows of " << size.words);
      Flow flow;
      add_centred_rows(flow, kRows, size.words, 16);
      const rdu_hw_arch arch = chip(name);
      const Ran ran = run(flow, arch);
      CHECK(ran.first.notes.empty());
      CHECK(ran.first.pmus == size.pmus);
      REQUIRE(ran.error == "");
      CHECK(ran.after[1] == centred(ran.before[0], size.words));
      // In and out at 60 % of the memory's peak, and what is ahead: nobody stops and goes.
      const std::uint64_t bytes = 8 * std::uint64_t{kRows} * size.words;
      const std::uint64_t peak = rdu_hw_dram_peak_bytes_per_s(&arch.dram);
      CHECK(ran.cycles < static_cast<std::int64_t>(bytes * arch.clock_hz / peak * 10 / 6 +
                                                   size.words / 16 + 800));
    }
  }
}

TEST_CASE("streams of independent senders wait where they are") {
  const rdu_hw_arch arch = chip("sara20");
  Flow flow;
  add_gemm(flow, 8, 320, 12, 16);
  Parts parts = flow.sections().front().parts();
  const auto retimed = retime_links(parts, arch, Distances::guess(arch), {100, 100});
  REQUIRE(retimed.ok());
  CHECK(retimed->delays == 0);
}

TEST_CASE("a circle without initial elements is refused with its contexts") {
  const rdu_hw_arch arch = chip("sara20");
  Flow flow;
  Section& section = flow.section("circle");
  Simd a = section.simd("a", {loop(4)});
  Simd b = section.simd("b", {loop(4)});
  const Stream back = section.later("back", RDU_HW_SCALAR);
  const Value x = a.input(back);
  const Value y = b.input(a.scalar(x));
  b.send(back, y);
  const auto built = build_program(flow, arch);
  REQUIRE(!built.ok());
  CHECK(built.error().message ==
        "section \"circle\": contexts wait for each other, and no stream has initial elements: "
        "\"a\" waits for \"b\" waits for \"a\"");
}

TEST_CASE("a loop of data with an initial element runs") {
  const rdu_hw_arch arch = chip("sara20");
  Flow flow;
  const Scalar result = flow.result("sum of 0 to 9");
  Section& section = flow.section("loop");
  const Stream back = section.later("state", RDU_HW_SCALAR, 1);
  Simd step = section.simd("step", {loop(10)});
  const Value state = step.input(back);
  const Value next = step.compute(RDU_HW_OP_ADD_I32, state, Simd::counter(0));
  step.send(back, next);
  section.result("last", {loop(10)}, result, step.scalar(next));
  const Ran ran = run(flow, arch);
  REQUIRE(ran.error == "");
  CHECK(ran.after[0][0] == 45);
}

// A long expression whose parts reach back at random, over numbers that a counter makes: no memory to wait for, so every cycle of waiting is a fault.
TEST_CASE("expressions over many PCUs take a vector in each cycle") {
  constexpr std::uint32_t kVectors = 1000;
  for (const char* name : {"plasticine", "sara20", "sn10"}) {
    for (const std::uint32_t seed : {1u, 2u, 3u}) {
      INFO(name << ", seed " << seed);
      const rdu_hw_arch arch = chip(name, {"network.kind=routed"});
      Random random(seed);
      Flow flow;
      const Scalar result = flow.result("sum");
      Section& section = flow.section("expression");
      Simd simd = section.simd("sum", {lanes(16 * kVectors, 16)});
      std::vector<Value> values = {Simd::counter(0)};
      std::vector<Words> expected(1);
      for (std::uint32_t i = 0; i < 16 * kVectors; ++i) expected[0].push_back(i);
      for (std::uint32_t k = 0; k < 60; ++k) {
        const std::uint32_t back = random.below(static_cast<std::uint32_t>(values.size()));
        values.push_back(simd.compute(RDU_HW_OP_ADD_I32, values.back(), values[back]));
        Words sum;
        for (std::size_t i = 0; i < expected[0].size(); ++i) {
          sum.push_back(expected.back()[i] + expected[back][i]);
        }
        expected.push_back(sum);
      }
      section.result("result", {}, result,
                     simd.scalar(simd.reduce(RDU_HW_FOLD_ADD_I32, 0, values.back()), 0));
      const Ran ran = run(flow, arch);
      REQUIRE(ran.error == "");
      CHECK(ran.first.notes.empty());
      CHECK(ran.after[0][0] ==
            std::accumulate(expected.back().begin(), expected.back().end(), std::uint32_t{0}));
      CHECK(ran.first.pcus >= 11);
      CHECK(ran.cycles < kVectors + 350);
    }
  }
}
