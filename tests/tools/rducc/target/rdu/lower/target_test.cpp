// The target: its URI, what is left to others and why, the same bytes twice.
#include <rdu/plugin.h>
#include <rdu_hw/package.h>

#include <catch2/catch.hpp>
#include <string>

#include "tests/tools/rducc/graphs.hpp"
#include "tools/rducc/target/rdu/lower/target_uri.hpp"

using namespace rducc::test;
using rducc::chip::parse_target;
using rducc::ir::along;

namespace {

std::string refusal_of(const std::string& uri) {
  const auto options = parse_target(uri);
  return options ? "" : options.error().message;
}

// exp, a sine that the chip has not, a negation
Variant three_maps() {
  TestGraph g;
  const ValueId x = g.input({30});
  auto& b = g.b();
  const auto map = [&](ValueId from, rdu_dtype dtype, rdu_body_op op) {
    return b.map(dtype, Dims{30}, {b.read(from, {along(0)})}, unary(op));
  };
  const ValueId first = map(x, RDU_DTYPE_F32, RDU_OP_EXP);
  const ValueId sine = map(first, RDU_DTYPE_F32, RDU_OP_SIN);
  g.output(map(sine, RDU_DTYPE_F32, RDU_OP_NEG));
  Variant variant = g.variant();
  variant.cuts.push_back({});
  for (std::uint32_t n = 0; n < 3; ++n) variant.cuts[0].sections.push_back({n, n + 1, {}, {}});
  return variant;
}

}  // namespace

TEST_CASE("a chip's URI") {
  CHECK(rducc::chip::is_chip_uri("rdu:sn10"));
  CHECK_FALSE(rducc::chip::is_chip_uri("cpu"));
  const auto options = parse_target("rdu:sn10?schedule=spatial&pcu.registers=12&seed=7");
  REQUIRE(options.ok());
  CHECK(options->schedule == rducc::chip::Schedule::kSpatial);
  CHECK(options->seed == 7);
  CHECK(options->arch.pcu.registers == 12);
}

TEST_CASE("URIs that name nothing") {
  CHECK(refusal_of("rdu:none").find("none") != std::string::npos);
  CHECK(refusal_of("rdu:sn10?schedule=fast").find("no schedule 'fast'") != std::string::npos);
  CHECK(refusal_of("rdu:sn10?seed=x").find("'x' is no seed") != std::string::npos);
  CHECK(refusal_of("rdu:sn10?seed").find("has no value") != std::string::npos);
  CHECK_FALSE(refusal_of("rdu:sn10?pcu.wings=2").empty());
}

TEST_CASE("what the chip cannot do is left with a reason") {
  Variant variant = three_maps();
  const auto options = parse_target("rdu:edge");
  REQUIRE(options.ok());
  const auto report = rducc::chip::add_cut(variant, *options);
  REQUIRE(report.ok());
  const auto& cut = variant.cuts.back();
  CHECK(cut.target == "rdu");
  CHECK(cut.format == "rdu.chip");
  CHECK(cut.target_hash == rdu_hw_arch_hash(&options->arch));
  REQUIRE(cut.sections.size() == 3);
  CHECK(report->num_payloads == 2);
  CHECK(report->nodes[1].reason == RDU_REASON_BODY_OP);
  std::uint32_t reason = 0;
  char text[128];
  const auto& refusal = cut.sections[1].payload;
  REQUIRE(rdu_hw_refusal_decode(refusal.data(), refusal.size(), &reason, text, sizeof text,
                                nullptr) == RDU_HW_IMAGE_OK);
  CHECK(reason == RDU_REASON_BODY_OP);
  CHECK(report->taken_flops() < report->all_flops());
}

TEST_CASE("the same bytes twice") {
  Variant a = three_maps(), b = three_maps();
  const auto options = parse_target("rdu:sn10");
  REQUIRE(options.ok());
  REQUIRE(rducc::chip::add_cut(a, *options).ok());
  REQUIRE(rducc::chip::add_cut(b, *options).ok());
  for (std::size_t i = 0; i < a.cuts.back().sections.size(); ++i) {
    CHECK(a.cuts.back().sections[i].payload == b.cuts.back().sections[i].payload);
  }
}
