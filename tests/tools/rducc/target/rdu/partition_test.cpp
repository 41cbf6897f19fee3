// Cutting contexts: random expressions mean the same before and after, on every chip, and every piece fits.
#include "tools/rducc/target/rdu/partition.hpp"

#include <catch2/catch.hpp>

#include "tests/tools/rducc/target/rdu/chips.hpp"
#include "tests/tools/rducc/target/rdu/evaluate.hpp"
#include "tests/tools/rducc/target/rdu/random_flow.hpp"
#include "tools/rducc/target/rdu/build.hpp"
#include "tools/rducc/target/rdu/choose_cut.hpp"

using namespace rducc::rdu;
using namespace rdu_test;

namespace {

// What arrives at the stores, in the order of the contexts, which pieces do not change.
std::vector<std::vector<Element>> stored(const Parts& parts, std::uint32_t lanes, Shift shift) {
  const Streams streams = evaluate(parts, lanes, shift);
  std::vector<std::vector<Element>> list;
  for (const Context& context : parts.contexts) {
    if (context.program == RDU_HW_PROGRAM_STORE) list.push_back(streams.at(context.inputs[0].link));
  }
  return list;
}

std::size_t num_pcus(const Parts& parts) {
  return static_cast<std::size_t>(std::ranges::count_if(
      parts.contexts, [](const Context& it) { return it.program == RDU_HW_PROGRAM_SIMD; }));
}

}  // namespace

TEST_CASE("random expressions mean the same in pieces") {
  for (const char* name : {"plasticine", "sara20", "sn10", "edge"}) {
    const rdu_hw_arch arch = chip(name);
    std::size_t cut = 0;
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
      INFO(name << ", seed " << seed);
      Random random(seed);
      Flow flow;
      add_random_expression(flow, arch, random, 1 + random.below(40));
      Parts parts = flow.sections().front().parts();
      const auto expected = stored(parts, arch.pcu.lanes, Shift::kAsWritten);
      const auto done = partition_contexts(parts, arch);
      INFO((done.ok() ? std::string() : done.error().message));
      REQUIRE(done.ok());
      CHECK(stored(parts, arch.pcu.lanes, Shift::kAsWired) == expected);
      for (const Context& context : parts.contexts) {
        if (context.program == RDU_HW_PROGRAM_SIMD) CHECK(shortage_of(context, arch) == "");
      }
      if (num_pcus(parts) > 1) ++cut;
      const auto built = build_program(flow, arch, {.effort = 20});
      INFO((built.ok() ? std::string() : built.error().message));
      CHECK((built.ok() || built.error().code == rdu::base::Code::kLimit));
    }
    CHECK(cut > 30);
  }
}
