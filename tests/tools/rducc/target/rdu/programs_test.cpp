// Programs beside plain SIMD: contractions, extents that a run brings, gathers, tokens that are counted, loops one trip at a time.
#include <catch2/catch.hpp>

#include "tests/tools/rducc/target/rdu/chips.hpp"
#include "tests/tools/rducc/target/rdu/flows.hpp"
#include "tests/tools/rducc/target/rdu/run.hpp"

using namespace rducc::rdu;
using namespace rdu_test;

TEST_CASE("a systolic product of blocks") {
  constexpr std::uint32_t kBlocks = 3, kInner = 20, kRows = 16, kColumns = 6;
  for (const char* name : {"sn10", "edge"}) {
    INFO(name);
    Flow flow;
    const Region a = flow.region("a by columns", 4 * kBlocks * kInner * kRows, RDU_HW_ACCESS_READ);
    const Region b = flow.region("b", 4 * kBlocks * kInner * kColumns, RDU_HW_ACCESS_READ);
    const Region c = flow.region("c", 4 * kBlocks * kRows * kColumns, RDU_HW_ACCESS_WRITE);
    Section& section = flow.section("product");
    const Chain columns = {loop(kBlocks), loop(kInner), lanes(kRows, 16)};
    const Chain rows = {loop(kBlocks), loop(kInner), lanes(kColumns, 16)};
    const Memory load_a = section.load("a", columns, a, linear(columns));
    const Memory load_b = section.load("b", rows, b, linear(rows));
    const Systolic array =
        section.systolic("array", {loop(kBlocks), loop(kInner)},
                         {kRows, kColumns, RDU_HW_SYSTOLIC_INT32, 1}, load_a.data(), load_b.data());
    const Chain result = {loop(kBlocks), loop(kRows), lanes(kColumns, 16)};
    section.store("c", result, c, array.result(), linear(result));
    const Ran ran = run(flow, chip(name));
    REQUIRE(ran.error == "");
    Words expected;
    for (std::uint32_t block = 0; block < kBlocks; ++block) {
      for (std::uint32_t m = 0; m < kRows; ++m) {
        for (std::uint32_t n = 0; n < kColumns; ++n) {
          std::uint32_t sum = 0;
          for (std::uint32_t k = block * kInner; k < (block + 1) * kInner; ++k) {
            sum += ran.before[0][k * kRows + m] * ran.before[1][k * kColumns + n];
          }
          expected.push_back(sum);
        }
      }
    }
    CHECK(ran.after[2] == expected);
  }
}

TEST_CASE("extents that an argument and a stream bring") {
  const rdu_hw_arch arch = chip("sara20");
  Flow flow;
  const Scalar count = flow.scalar("count");
  const Scalar sum = flow.result("sum of squares below count");
  const Scalar triangle = flow.result("sum of 1 to i, over i of 1 to 6");
  Section& section = flow.section("extents");
  Simd squares = section.simd("squares", {bounded_by(count, lanes(40, 16))});
  const Value i = Simd::counter(0);
  const Value square = squares.compute(RDU_HW_OP_MUL_I32, i, i);
  section.result("sum", {}, sum, squares.scalar(squares.reduce(RDU_HW_FOLD_ADD_I32, 0, square), 0));

  Simd outer = section.simd("outer", {loop(6)});
  const Stream extents =
      outer.scalar(outer.compute(RDU_HW_OP_ADD_I32, Simd::counter(0), Simd::integer(1)));
  Simd inner = section.simd("inner", {loop(6), lanes(6, 16)});
  inner.extent_of(1, extents, 1);
  const Value j = inner.compute(RDU_HW_OP_ADD_I32, Simd::counter(1), Simd::integer(1));
  section.result("triangle", {}, triangle,
                 inner.scalar(inner.reduce(RDU_HW_FOLD_ADD_I32, 0, j), 0));
  const Ran ran = run(flow, arch);
  REQUIRE(ran.error == "");
  std::uint32_t expected = 0;
  for (std::uint32_t k = 0; k < ran.before[0][0]; ++k) expected += k * k;
  CHECK(ran.after[1][0] == expected);
  CHECK(ran.after[2][0] == 1 + 3 + 6 + 10 + 15 + 21);
}

TEST_CASE("a table that is looked up on the chip, and rows that are gathered from memory") {
  constexpr std::uint32_t kTable = 64, kCount = 100;
  for (const char* name : {"plasticine", "sara20", "edge"}) {
    INFO(name);
    Flow flow;
    const Region table = flow.region("table", 4 * kTable, RDU_HW_ACCESS_READ);
    const Region looked_up = flow.region("looked up", 4 * kCount, RDU_HW_ACCESS_WRITE);
    const Region gathered = flow.region("gathered", 4 * kCount, RDU_HW_ACCESS_WRITE);
    Section& section = flow.section("lookup");
    const Chain all = {lanes(kTable, 16)};
    const Chain chain = {lanes(kCount, 16)};
    const Memory load = section.load("load table", all, table, at(0, 4));
    const BufferHandle buffer =
        section.buffer("table", 4 * kTable, {.bank_mode = RDU_HW_BANK_DUPLICATED});
    const Memory write = section.write("fill table", all, buffer, load.data(), at(0, 4));
    Simd indices = section.simd("indices", chain);
    const Value seven = indices.compute(RDU_HW_OP_MUL_I32, Simd::counter(0), Simd::integer(7));
    const Stream index = indices.vector(seven);
    const Wrap wrap = {.modulus = kTable};
    Memory read = section.read("look up", chain, buffer, constant_address(0));
    read.address(read.step(read.word(index), wrap) * 4, {.low = 0, .high = 4 * kTable});
    section.metapipe(buffer, {write, 0}, {read, 0});
    section.store("looked up", chain, looked_up, read.data(), at(0, 4));
    Memory gather =
        section.load("gather", chain, table, constant_address(0), {.mode = RDU_HW_TRANSFER_SPARSE});
    gather.address(gather.step(gather.word(index), wrap) * 4, {.low = 0, .high = 4 * kTable});
    section.store("gathered", chain, gathered, gather.data(), at(0, 4));
    const Ran ran = run(flow, chip(name));
    REQUIRE(ran.error == "");
    Words expected;
    for (std::uint32_t i = 0; i < kCount; ++i) expected.push_back(ran.before[0][7 * i % kTable]);
    CHECK(ran.after[1] == expected);
    CHECK(ran.after[2] == expected);
  }
}

TEST_CASE("a model in a buffer that a loop changes, one trip at a time") {
  constexpr std::uint32_t kTrips = 5, kWords = 32;
  const rdu_hw_arch arch = chip("sara20");
  Flow flow;
  const Region out = flow.region("model", 4 * kWords, RDU_HW_ACCESS_WRITE);
  Section& section = flow.section("loop");
  const Chain chain = {loop(kTrips), lanes(kWords, 16)};
  const BufferHandle model = section.buffer("model", 4 * kWords);
  const Memory read = section.read("read", chain, model, at(1, 4));
  Simd step = section.simd("step", chain);
  // m := 2 m + trip + 1, from zeros.
  const Value twice =
      step.compute(RDU_HW_OP_MAD_I32, step.input(read.data()), Simd::integer(2), Simd::counter(0));
  const Stream next = step.vector(step.compute(RDU_HW_OP_ADD_I32, twice, Simd::integer(1)));
  const Memory write = section.write("write", chain, model, next, at(1, 4));
  const Turn turns[] = {{read, 1}, {write, 1}};
  section.token(turns[1], turns[0], {.initial = 1});
  const Memory last = section.read("last", {lanes(kWords, 16)}, model, at(0, 4));
  section.token({write, 0}, {last, 0});
  section.store("store", {lanes(kWords, 16)}, out, last.data(), at(0, 4));
  const Ran ran = run(flow, arch);
  REQUIRE(ran.error == "");
  std::uint32_t m = 0;
  for (std::uint32_t trip = 0; trip < kTrips; ++trip) m = 2 * m + trip + 1;
  CHECK(ran.after[0] == Words(kWords, m));
}

TEST_CASE("branches that begin together and are waited for together, round after round") {
  constexpr std::uint32_t kRounds = 4;
  const rdu_hw_arch arch = chip("sara20");
  Flow flow;
  const Scalar result = flow.result("rounds");
  Section& section = flow.section("rounds");
  Simd fork = section.simd("fork", {loop(kRounds)});
  std::vector<Turn> branches;
  Simd join = section.simd("join", {loop(kRounds)});
  Value sum = Simd::integer(0);
  for (std::uint32_t i = 1; i <= 3; ++i) {
    Simd branch = section.simd("branch", {loop(kRounds), loop(10 * i)});
    const Value one = branch.accumulate(RDU_HW_FOLD_ADD_I32, 1, Simd::integer(1));
    sum = join.compute(RDU_HW_OP_ADD_I32, sum, join.input(branch.scalar(one, 1)));
    branches.push_back({branch, 1});
  }
  section.fork_join({fork, 1}, branches, {join, 1});
  section.token({join, 1}, {fork, 1}, {.initial = 1});
  const Value total = join.accumulate(RDU_HW_FOLD_ADD_I32, 0, sum);
  section.result("result", {}, result, join.scalar(total, 0));
  const Ran ran = run(flow, arch);
  REQUIRE(ran.error == "");
  CHECK(ran.after[0][0] == kRounds * 60);
  CHECK(ran.cycles > kRounds * 30);  // the longest branch, never two rounds at once
}

TEST_CASE("contexts of many pieces that take turns") {
  constexpr std::uint32_t kRounds = 6;
  for (const char* name : {"plasticine", "sara20"}) {
    INFO(name);
    Flow flow;
    const Scalar result = flow.result("sum");
    Section& section = flow.section("turns");
    const auto add_many = [](Simd& simd, Value value) {
      for (std::int32_t i = 1; i <= 20; ++i) {
        value = simd.compute(RDU_HW_OP_ADD_I32, value, Simd::integer(i));
      }
      return value;
    };
    const Chain chain = {loop(kRounds), lanes(64, 16)};
    Simd first = section.simd("first", chain);
    const Stream stream = first.vector(add_many(first, Simd::counter(1)));
    Simd second = section.simd("second", chain);
    const Value x = add_many(second, second.input(stream));
    const Value sum = second.reduce(RDU_HW_FOLD_ADD_I32, 0, x);
    section.result("result", {}, result, second.scalar(sum, 0));
    // A round of the first begins when the second's is over.
    section.token({second, 1}, {first, 1}, {.initial = 1});
    const Ran ran = run(flow, chip(name));
    REQUIRE(ran.error == "");
    CHECK(ran.first.pcus > 4);
    CHECK(ran.after[0][0] == kRounds * (63 * 64 / 2 + 64 * 2 * 210));
    CHECK(ran.cycles > kRounds * (4 + 2 * 20));  // one round after another, over both pipelines
  }
}
