// Who shares a unit: neighbours, the little used when units are short, and what hints say.
#include <catch2/catch.hpp>

#include "tests/tools/rducc/target/rdu/chips.hpp"
#include "tests/tools/rducc/target/rdu/flows.hpp"
#include "tests/tools/rducc/target/rdu/run.hpp"

using namespace rducc::rdu;
using namespace rdu_test;

namespace {

// Two contexts in a row, one addition each.
std::pair<Simd, Simd> add_pair(Flow& flow, Section& section) {
  Simd first = section.simd("first", {loop(8)});
  const Value x = first.compute(RDU_HW_OP_ADD_I32, Simd::counter(0), Simd::integer(1));
  const Stream stream = first.scalar(x);
  Simd second = section.simd("second", {loop(8)});
  const Value y = second.compute(RDU_HW_OP_ADD_I32, second.input(stream), Simd::integer(1));
  section.result("result", {loop(8)}, flow.result("r"), second.scalar(y));
  return {first, second};
}

Built built(const Flow& flow, const rdu_hw_arch& arch, const BuildOptions& options = {}) {
  auto result = build_program(flow, arch, options);
  INFO((result.ok() ? std::string() : result.error().message));
  REQUIRE(result.ok());
  return *std::move(result);
}

bool same_unit(const Placed& a, const Placed& b) { return a.row == b.row && a.column == b.column; }

}  // namespace

TEST_CASE("contexts that talk share a PCU, unless they are asked not to") {
  const rdu_hw_arch arch = chip("sara20");
  Flow flow;
  add_pair(flow, flow.section("pair"));
  const Built one = built(flow, arch);
  CHECK(one.sections[0].pcus == 1);
  CHECK(same_unit(one.sections[0].contexts[0], one.sections[0].contexts[1]));
  CHECK(built(flow, arch, {.pcus = Sharing::kWhenShort}).sections[0].pcus == 2);
  CHECK(built(flow, chip("plasticine")).sections[0].pcus == 2);  // one context each

  Flow apart;
  const auto [a, b] = add_pair(apart, apart.section("pair"));
  a.section().keep_apart(a, b);
  CHECK(built(apart, arch).sections[0].pcus == 2);

  Flow together;
  const auto [c, d] = add_pair(together, together.section("pair"));
  c.section().keep_together(c, d);
  CHECK(built(together, arch, {.pcus = Sharing::kWhenShort}).sections[0].pcus == 1);
  const Ran ran = run(together, arch, 1, {.pcus = Sharing::kWhenShort});
  CHECK(ran.after[0][0] == 9);
}

TEST_CASE("buffers share PMUs when there are too few, and still work") {
  const rdu_hw_arch arch = chip("edge", {"grid.rows=2", "grid.columns=2", "agcu.count=4"});
  Flow flow;
  add_gemm(flow, 4, 32, 8, 16);
  const Built two = built(flow, arch);
  CHECK(two.sections[0].pmus == 2);
  CHECK(built(flow, arch, {.pmus = Sharing::kAlways}).sections[0].pmus == 1);
  const rdu_hw_arch tiny = chip("edge", {"grid.rows=1", "grid.columns=2", "agcu.count=4"});
  const Ran apart = run(flow, arch);
  const Ran shared = run(flow, tiny);
  CHECK(shared.first.pmus == 1);
  REQUIRE(shared.error == "");
  CHECK(shared.after[2] == apart.after[2]);
  CHECK(shared.cycles > apart.cycles);
}

TEST_CASE("transfers share AGCUs when there are too few") {
  const rdu_hw_arch arch = chip("edge", {"agcu.count=2"});
  Flow flow;
  add_gemm(flow, 4, 32, 8, 16);
  const Ran ran = run(flow, arch);
  REQUIRE(ran.error == "");
  CHECK(ran.first.agcus == 2);
  const Ran wide = run(flow, chip("edge"));
  CHECK(wide.first.agcus == 3);
  CHECK(ran.after[2] == wide.after[2]);
}
