// The second engine against what can be computed by hand.
#include <bit>

#include "tests/drivers/emu/naive/host.hpp"
#include "tests/drivers/emu/naive/machine.hpp"
#include "tests/drivers/image/samples.hpp"
#include "tests/drivers/image/support.hpp"

using namespace naive;
using image_test::chip;
using image_test::decoded;
using rdu_hw::image::Program;

namespace {

struct Ran {
  image_test::Image image;
  Bound before, after;
  Outcome outcome;
};

Ran ran(const Program& program, const rdu_hw_arch& arch) {
  Ran r = {decoded(rdu_hw::image::write_image(program)), {}, {}, {}};
  REQUIRE(image_test::answer(*r.image, arch) == "0");
  r.before = r.after = bind(*r.image, 1);
  r.outcome = run(*r.image, arch, r.after.arguments, r.after.tiers);
  REQUIRE(r.outcome.end == End::kFinished);
  return r;
}

Time start_of(const Ran& r) {
  const SectionTimes& times = r.outcome.sections.front();
  return times.begin + times.program_load + times.argument_load;
}

}  // namespace

TEST_CASE("a dot product") {
  const rdu_hw_arch arch = chip("sara20");
  const Ran r = ran(image_test::dot_product(rdu_hw_arch_hash(&arch), 256, 32), arch);
  const auto a = r.before.words(*r.image, 0), b = r.before.words(*r.image, 1);
  Word sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  CHECK(r.after.arguments[2] == sum);
}

TEST_CASE("loads of programs and arguments") {
  const rdu_hw_arch arch = chip("sara20");
  const Ran r = ran(image_test::dot_product(rdu_hw_arch_hash(&arch), 256, 32), arch);
  // 400 units, 21 x 21 switches, 40 AGCUs of 3200 bits at 128 GB/s; two regions and a scalar at 16 GB/s; 1 GHz.
  CHECK(r.outcome.sections.at(0).program_load == (881 * 400 + 127) / 128);
  CHECK(r.outcome.sections.at(0).argument_load == 1000 + (20 + 15) / 16);
}

TEST_CASE("a metapipe, and the time of its first vector") {
  const rdu_hw_arch arch = chip("sara20");
  const Ran r = ran(image_test::metapipelined_map(rdu_hw_arch_hash(&arch), 4, 64), arch);
  const auto x = r.before.words(*r.image, 0), y = r.after.words(*r.image, 1);
  for (std::size_t i = 0; i < x.size(); ++i) {
    INFO("word " << i);
    REQUIRE(y[i] == operate(RDU_HW_OP_MAX_F32, x[i], 0));
  }
  // A lone read: a row is opened, read, and its burst crosses the bus; 20 cycles each way.
  const rdu_hw_dram_timing& t = arch.dram.timing;
  std::uint32_t clocks = 0, cycles = 0;
  rdu_hw_dram_clock_ratio(&arch, &arch.dram, &clocks, &cycles);
  const Time arrival = ((start_of(r) + 20) * clocks + cycles - 1) / cycles;
  const Time data = arrival + t.rcd + t.cl + arch.dram.burst_length / 2;
  const Time there = (data * cycles + clocks - 1) / clocks + 20;
  CHECK(r.outcome.contexts.at(0).main.first == start_of(r));
  CHECK(r.outcome.contexts.at(0).second.first == there);
  const Time write = there + 1 + 1;  // one stage, one hop
  CHECK(r.outcome.contexts.at(1).main.first == write);
  CHECK(r.outcome.contexts.at(1).main.firings == 16);
  // The tile's token leaves in the cycle behind its fourth vector.
  CHECK(r.outcome.contexts.at(2).main.first >= write + 3 + 1 + 1);
}

TEST_CASE("a systolic tile") {
  const rdu_hw_arch arch = chip("sn10");
  const Ran r = ran(image_test::systolic_tile(rdu_hw_arch_hash(&arch), 64), arch);
  // READ: six cycles of addresses; three hops for a. 32 pairs; six columns; 16 rows; two cycles to the WRITE.
  const Time last_pair = start_of(r) + 6 + 3 + 31;
  CHECK(r.outcome.contexts.at(2).main.last == last_pair);
  CHECK(r.outcome.contexts.at(2).second.first == last_pair + 6);
  CHECK(r.outcome.contexts.at(2).second.last == last_pair + 6 + 15);
  CHECK(r.outcome.sections.at(0).execution == 6 + 3 + 31 + 6 + 15 + 2 + 1);
  CHECK(r.outcome.sections.at(0).quiesce == 0);
}
