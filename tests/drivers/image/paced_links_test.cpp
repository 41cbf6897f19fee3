// Links whose tokens are counted: what is accepted, what is refused, how they read.
#include "tests/drivers/image/samples.hpp"
#include "tests/drivers/image/support.hpp"

using namespace image_test;
using rdu_hw::image::Program;

namespace {

constexpr std::size_t kTokens = 1;  // of the sample's links: from the writer of x to its reader

// A window of three rows with a row of padding above and below, over eight rows.
Program paced(std::uint64_t arch_hash) {
  Program program = metapipelined_map(arch_hash, 8, 256);
  rdu_hw_sink& sink = program.sections[0].links[kTokens].sinks[0];
  sink.depth = 1;
  sink.pace_group = 8;
  sink.pace_tokens = 8;
  sink.pace_step = 1;
  sink.pace_per = 1;
  sink.pace_lead = 2;
  return program;
}

}  // namespace

TEST_CASE("a link whose tokens are counted goes there and back, and reads as a sentence") {
  const rdu_hw_arch arch = chip("sara20");
  const Program program = paced(rdu_hw_arch_hash(&arch));
  CHECK(answer(program, arch) == "0");
  const Bytes bytes = rdu_hw::image::write_image(program);
  const Image image = decoded(bytes);
  CHECK(rdu_hw::image::write_image(rdu_hw::image::read_program(*image)) == bytes);
  CHECK_THAT(text_of(*image),
             Catch::Contains("link 1: control 1.1 -> 2.0 counts: of each 8, (r * 1 + 2) / 1 before "
                             "iteration r of 8\n"));
}

TEST_CASE("paces that mean nothing are refused") {
  const rdu_hw_arch arch = chip("sara20");
  const auto refused = [&](auto change) {
    Program program = paced(rdu_hw_arch_hash(&arch));
    change(program.sections[0].links, program.sections[0].links[kTokens].sinks[0]);
    return answer(program, arch);
  };
  using Links = std::vector<rdu_hw::image::Link>;
  const std::string at = "section 0, link 1, sink 0: ";
  CHECK(refused([](Links&, rdu_hw_sink& sink) { sink.pace_per = 0; }) ==
        "4 " + at + "pace_per: expected 1 to 2147483647, got 0");
  CHECK(refused([](Links&, rdu_hw_sink& sink) { sink.depth = 2; }) ==
        "4 " + at + "depth: expected 1, got 2");
  CHECK(refused([](Links&, rdu_hw_sink& sink) { sink.pace_tokens = 1u << 31; }) ==
        "4 " + at + "pace_tokens: expected 0 to 2147483647, got 2147483648");
  CHECK(refused([](Links&, rdu_hw_sink& sink) { sink.pace_step = 1u << 31; }) ==
        "4 " + at + "pace_step: expected 0 to 2147483647, got 2147483648");
  CHECK(refused([](Links&, rdu_hw_sink& sink) { sink.pace_group = 1u << 31; }) ==
        "4 " + at + "pace_group: expected 1 to 2147483647, got 2147483648");
  CHECK(refused([](Links&, rdu_hw_sink& sink) { sink.pace_group = 0; }) ==
        "4 " + at + "pace_tokens: expected 0, got 8");
  CHECK(refused([](Links& links, rdu_hw_sink&) { links[kTokens].initial = 1; }) ==
        "5 " + at + "initial of a link that is paced: expected 0, got 1");
  CHECK(refused([](Links& links, rdu_hw_sink& sink) {
          links[0].sinks[0].pace_group = sink.pace_group;
        }) == "5 section 0, link 0, sink 0: kind of a link that is paced: expected 2, got 0");
}
