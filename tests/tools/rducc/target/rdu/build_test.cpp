// Whole programs on every chip: what is built is valid, the same each time, and another seed is another placement.
#include "tools/rducc/target/rdu/build.hpp"

#include <catch2/catch.hpp>

#include "tests/tools/rducc/target/rdu/chips.hpp"
#include "tests/tools/rducc/target/rdu/flows.hpp"

using namespace rducc::rdu;
using rdu_test::chip;

namespace {

std::vector<rdu_hw_arch> chips() {
  std::vector<rdu_hw_arch> list;
  for (const char* name : {"plasticine", "sara20", "sn10", "edge"}) {
    for (const char* network : {"ideal", "routed"}) {
      list.push_back(chip(name, {std::string("network.kind=") + network}));
    }
  }
  return list;
}

Built build(const Flow& flow, const rdu_hw_arch& arch, const BuildOptions& options = {}) {
  auto built = build_program(flow, arch, options);
  INFO((built.ok() ? std::string() : built.error().message));
  REQUIRE(built.ok());
  return *std::move(built);
}

}  // namespace

TEST_CASE("a reduction, a buffered map and a product are built for every chip") {
  for (const rdu_hw_arch& arch : chips()) {
    INFO(arch.name << ", network " << arch.network.kind);
    Flow flow;
    rdu_test::add_sum_of_squares(flow, 1000, 16);
    rdu_test::add_buffered_map(flow, 8, 96, 16);
    rdu_test::add_gemm(flow, 8, 40, 12, 16);
    const Built built = build(flow, arch);
    REQUIRE(built.sections.size() == 3);
    CHECK(built.sections[0].pcus >= 1);
    CHECK(built.sections[1].pmus == 1);
    CHECK(built.sections[2].pmus == 2);
    CHECK(built.sections[2].agcus == 3);
    const bool routed = arch.network.kind == RDU_HW_NETWORK_ROUTED;
    CHECK((routed || built.sections[2].wire_length == 0));
    CHECK(build(flow, arch).image == built.image);
  }
}

TEST_CASE("a chip of 1280 units is filled in a few seconds") {
  const rdu_hw_arch arch = chip("sn10");
  Flow flow;
  rdu_test::add_fabric(flow, 32, 18, 16);
  const Built built = build(flow, arch, {.pcus = Sharing::kWhenShort});
  const BuiltSection& section = built.sections.front();
  CHECK(section.pcus == 32 * 18);
  CHECK(section.pmus == 32 * 18);
  CHECK(section.agcus == 64);
  // A few hops a link, though the streams go round in a ring.
  CHECK(section.wire_length < 2000);
}
