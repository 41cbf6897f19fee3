// What built flows compute, against closed forms, and how long it takes.
#include "tests/tools/rducc/target/rdu/run.hpp"

#include <catch2/catch.hpp>

#include "tests/tools/rducc/target/rdu/chips.hpp"
#include "tests/tools/rducc/target/rdu/flows.hpp"
#include "tests/tools/rducc/target/rdu/random_flow.hpp"

using namespace rducc::rdu;
using namespace rdu_test;

namespace {

const char* const kChips[] = {"plasticine", "sara20", "sn10", "edge"};

}  // namespace

TEST_CASE("a reduction over all words") {
  for (const char* name : kChips) {
    INFO(name);
    Flow flow;
    add_sum_of_squares(flow, 1000, 16);
    const Ran ran = run(flow, chip(name));
    REQUIRE(ran.error == "");
    std::uint32_t sum = 0;
    for (const std::uint32_t x : ran.before[0]) sum += x * x;
    CHECK(ran.after[1][0] == sum);
  }
}

TEST_CASE("a map behind a buffer of two tiles") {
  for (const char* name : kChips) {
    INFO(name);
    Flow flow;
    add_buffered_map(flow, 8, 96, 16);
    const Ran ran = run(flow, chip(name));
    REQUIRE(ran.error == "");
    Words expected;
    for (const std::uint32_t x : ran.before[0]) expected.push_back(3 * x + 1);
    CHECK(ran.after[1] == expected);
  }
}

TEST_CASE("a product of matrices, one dot product after another") {
  for (const char* name : kChips) {
    INFO(name);
    constexpr std::uint32_t kRows = 8, kInner = 40, kColumns = 12;
    Flow flow;
    add_gemm(flow, kRows, kInner, kColumns, 16);
    const Ran ran = run(flow, chip(name));
    REQUIRE(ran.error == "");
    Words expected;
    for (std::uint32_t i = 0; i < kRows; ++i) {
      for (std::uint32_t j = 0; j < kColumns; ++j) {
        std::uint32_t sum = 0;
        for (std::uint32_t k = 0; k < kInner; ++k) {
          sum += ran.before[0][i * kInner + k] * ran.before[1][j * kInner + k];
        }
        expected.push_back(sum);
      }
    }
    CHECK(ran.after[2] == expected);
    CHECK(ran.cycles > kRows * kColumns * 3);
    CHECK(ran.cycles < kRows * kColumns * 3 + 600);
  }
}

TEST_CASE("words that a PMU sends one by one, also where it has no scalar outputs") {
  for (const char* name : kChips) {
    INFO(name);
    constexpr std::uint32_t kRows = 5, kColumns = 48;
    Flow flow;
    add_outer_product(flow, kRows, kColumns, 16);
    const Ran ran = run(flow, chip(name));
    REQUIRE(ran.error == "");
    Words expected;
    for (std::uint32_t i = 0; i < kRows; ++i) {
      for (std::uint32_t j = 0; j < kColumns; ++j) {
        expected.push_back(ran.before[0][i] * ran.before[1][j]);
      }
    }
    CHECK(ran.after[2] == expected);
  }
}

// The same section in one PCU of a chip that does not exist, and in many of one that does.
TEST_CASE("random expressions compute the same in one PCU and in many") {
  for (const char* name : {"plasticine", "sara20", "sn10"}) {
    const rdu_hw_arch small = chip(name, {"network.kind=ideal"});
    const rdu_hw_arch large = chip(
        name, {"network.kind=ideal", "pcu.stages=64", "pcu.registers=256", "pcu.ports.vector_in=64",
               "pcu.ports.vector_out=64", "pcu.ports.scalar_in=64", "pcu.ports.scalar_out=64"});
    for (std::uint64_t seed = 0; seed < 12; ++seed) {
      INFO(name << ", seed " << seed);
      Random random(seed + 1000);
      Flow flow;
      add_random_expression(flow, small, random, 1 + random.below(14));
      const Ran one = run(flow, large, seed);
      const Ran many = run(flow, small, seed);
      REQUIRE(one.error == "");
      REQUIRE(many.error == "");
      CHECK(one.after == many.after);
    }
  }
}
