// What built flows compute, against closed forms, and how long it takes.
#include "tests/tools/rducc/target/rdu/run.hpp"

#include <catch2/catch.hpp>

#include "tests/tools/rducc/target/rdu/chips.hpp"
#include "tests/tools/rducc/target/rdu/flows.hpp"

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
    REQUIRE(ran.end == naive::End::kFinished);
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
    REQUIRE(ran.end == naive::End::kFinished);
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
    REQUIRE(ran.end == naive::End::kFinished);
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
