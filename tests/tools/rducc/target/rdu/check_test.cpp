// Flows that mean nothing, or need what a chip has not: refused with names and numbers.
#include <catch2/catch.hpp>

#include "tests/tools/rducc/target/rdu/chips.hpp"
#include "tests/tools/rducc/target/rdu/flows.hpp"
#include "tools/rducc/target/rdu/build.hpp"

using namespace rducc::rdu;
using rdu_test::chip;

namespace {

// What is said of a section "s" that `fill` makes.
template <class Fill>
std::string refusal(Fill fill, const rdu_hw_arch& arch = chip("sara20")) {
  Flow flow;
  fill(flow, flow.section("s"));
  const auto built = build_program(flow, arch);
  return built.ok() ? "built" : built.error().message;
}

Stream ones(Section& section, std::uint32_t count, std::uint32_t kind = RDU_HW_SCALAR) {
  Simd simd = section.simd("ones", {loop(count)});
  return kind == RDU_HW_SCALAR ? simd.scalar(Simd::integer(1)) : simd.vector(Simd::integer(1));
}

}  // namespace

TEST_CASE("streams with one end, and ends that disagree") {
  CHECK(refusal([](Flow&, Section& s) { ones(s, 4); }) ==
        "section \"s\": a stream from \"ones\" is never received");
  CHECK(refusal([](Flow&, Section& s) {
          Simd simd = s.simd("a", {loop(4)});
          simd.input(s.later("x", RDU_HW_SCALAR));
        }) == "section \"s\": stream \"x\" is never sent");
  CHECK(refusal([](Flow& flow, Section& s) {
          s.result("last", {loop(5)}, flow.result("r"), ones(s, 4));
        }) ==
        "section \"s\": a stream from \"ones\" to \"last\": 4 elements are sent, 5 taken (0 "
        "initial)");
  CHECK(refusal([](Flow&, Section& s) {
          Simd simd = s.simd("a", {loop(4)});
          simd.send(ones(s, 4), Simd::integer(1));
        }) == "section \"s\": context \"a\" sends a stream that has a sender");
}

TEST_CASE("handles of another section") {
  const auto message = [](auto use) {
    return refusal([&](Flow& flow, Section& s) {
      Section& other = flow.section("other");
      use(s, s.simd("here", {}), other.simd("there", {}));
    });
  };
  CHECK(message([](Section& s, Simd here, Simd there) {
          s.token({here, 0}, {there, 0});
        }) == "section \"s\": a token to or from a context of another section");
  CHECK(message([](Section& s, Simd here, Simd there) { s.keep_apart(here, there); }) ==
        "section \"s\": a hint on contexts of another section");
}

TEST_CASE("levels, operands and operations that are not there") {
  CHECK(refusal([](Flow&, Section& s) { s.simd("a", {loop(4)}).input(ones(s, 4), 2); }) ==
        "section \"s\": context \"a\": a port of level 2, with 1 counters");
  CHECK(refusal([](Flow& flow, Section& s) {
          Simd simd = s.simd("a", {loop(4)});
          s.result("r", {loop(4)}, flow.result("r"), simd.scalar(Simd::counter(1)));
        }) == "section \"s\": context \"a\": an output takes a counter that is not there: 1");
  CHECK(refusal([](Flow& flow, Section& s) {
          Simd simd = s.simd("a", {loop(4)});
          const Value x = simd.compute(RDU_HW_OP_SIN_F32, Simd::real(1));
          s.result("r", {loop(4)}, flow.result("r"), simd.scalar(x));
        }) == "section \"s\": context \"a\": operation 28 is no operation of a PCU of chip sara20");
  CHECK(refusal([](Flow& flow, Section& s) {
          s.simd("a", {lanes(64, 32)});
          s.result("r", {loop(4)}, flow.result("r"), ones(s, 4));
        }) == "section \"s\": context \"a\": counter 0 has 32 lanes, and may have 1 to 16");
}

TEST_CASE("more than a unit, or the chip, has") {
  CHECK(refusal([](Flow& flow, Section& s) {
          const Region in = flow.region("in", 400000, RDU_HW_ACCESS_READ);
          const Memory load = s.load("load", {lanes(100000, 16)}, in, at(0, 4));
          const BufferHandle buffer = s.buffer("large", 400000);
          s.write("write", {lanes(100000, 16)}, buffer, load.data(), at(0, 4));
        }) ==
        "section \"s\": buffer \"large\" with its 1 accesses needs 400000 bytes of its scratchpad, "
        "and the unit has 262144");
  Flow flow;
  rdu_test::add_fabric(flow, 3, 12, 16);
  const auto built = build_program(flow, chip("edge"));
  REQUIRE(!built.ok());
  CHECK(built.error().code == rdu::base::Code::kLimit);
  CHECK(built.error().message ==
        "section \"fabric\": the section needs 9 PCUs (36 before sharing), and there are 8");
}
