// Runs that cannot be: each with its sentence. And changes that must change the answer.
#include <atomic>
#include <numeric>

#include "tests/drivers/emu/chip/parts.hpp"
#include "tests/drivers/image/samples.hpp"

using namespace chip_test;
using image_test::chip;

namespace {

rdu_hw::image::Program dot(const rdu_hw_arch& arch) {
  return image_test::dot_product(rdu_hw_arch_hash(&arch), 256, 64);
}

std::string refused(const rdu_hw_arch& arch, void (*change)(Machine&)) {
  Machine machine(arch, dot(arch));
  change(machine);
  const Result result = machine.run();
  REQUIRE(result.failure == Failure::kBinding);
  REQUIRE(result.report.sections.empty());
  return result.error;
}

}  // namespace

TEST_CASE("bindings that lead nowhere", "[chip]") {
  const rdu_hw_arch arch = chip("sara20");
  CHECK(refused(arch, [](Machine& m) { m.bindings().pop_back(); }) ==
        "bindings: expected one for each of 3 arguments, got 2");
  CHECK(refused(arch, [](Machine& m) { m.bindings()[1].address += 4; }) ==
        "argument 1: address: expected a multiple of 64, got 1156");
  CHECK(refused(arch, [](Machine& m) { m.bindings()[1].address += 64; }) ==
        "argument 1: address: expected 1024 bytes inside the 2176 of tier 0, got 1216");
  CHECK(refused(arch, [](Machine& m) { m.bindings()[0].address = ~std::uint64_t{0} - 63; }) ==
        "argument 0: address: expected 1024 bytes inside the 2176 of tier 0, got "
        "18446744073709551552");
}

TEST_CASE("memory without bytes is enough for times alone", "[chip]") {
  const rdu_hw_arch arch = chip("sara20");
  Machine machine(arch, dot(arch));
  const rdu_hw::emu::Memory none[2] = {{nullptr, 1 << 20}, {}};
  Options options;
  Result result = rdu_hw::emu::run(machine.image(), arch, machine.bindings(), none, options);
  REQUIRE(result.error == "argument 0: tier 0: expected bytes behind it, got none");
  options.values = false;
  result = rdu_hw::emu::run(machine.image(), arch, machine.bindings(), none, options);
  REQUIRE(result.ok());
  REQUIRE(result.report.cycles == machine.report().cycles);
}

TEST_CASE("a host that stops a run", "[chip]") {
  const rdu_hw_arch arch = chip("sara20");
  Machine machine(arch, dot(arch));
  const std::atomic<bool> stop = true;
  Options options;
  options.stop = &stop;
  const Result result = machine.run(options);
  REQUIRE(result.failure == Failure::kStopped);
  REQUIRE(result.error == "section 0: stopped by the host");
}

TEST_CASE("an extent that an argument gives", "[chip]") {
  const rdu_hw_arch arch = chip("sara20");
  rdu_hw::image::Program program = dot(arch);
  program.arguments.push_back({{RDU_HW_ARGUMENT_SCALAR, RDU_HW_ACCESS_READ, 0, 4, 4}, {}});
  for (auto& context : program.sections[0].contexts) {
    if (context.counters.empty()) continue;
    context.counters[0].extent_from = RDU_HW_EXTENT_ARGUMENT;
    context.counters[0].source = 3;
  }
  Machine machine(arch, program);
  machine.put(0, std::vector<std::uint32_t>(256, 2));
  machine.put(1, std::vector<std::uint32_t>(256, 3));
  for (std::uint32_t tiles = 1; tiles <= 4; ++tiles) {
    machine.word(3) = tiles;
    machine.report();
    REQUIRE(machine.word(2) == tiles * 64 * 6);
  }
  machine.word(3) = 5;
  REQUIRE(machine.run().error ==
          "section 0: context 0 'load_a', counter 0: extent: expected 1 to 4, got 5");
  machine.word(3) = 0;
  REQUIRE(machine.run().failure == Failure::kExtent);
}

TEST_CASE("tokens that nobody starts", "[chip]") {
  const rdu_hw_arch arch = chip("sara20");
  const auto run = [&](std::uint32_t initial) {
    Parts parts(arch);
    const Parts::Counters counters = {counter(5)};
    for (std::uint32_t i = 0; i < 2; ++i) {
      parts.simd(0, 2 * i, counters, {});
      parts.input(i, RDU_HW_CONTROL, 1);
      parts.output(i, RDU_HW_CONTROL, 1);
    }
    parts.link(RDU_HW_CONTROL, {0, 1}, {{1, 0}}, 1);
    parts.link(RDU_HW_CONTROL, {1, 1}, {{0, 0}}, 1, initial);
    parts.program.sections[0].contexts[0].label.name = "chicken";
    Machine machine(arch, parts.program);
    return machine.run();
  };
  REQUIRE(run(1).ok());
  const Result stuck = run(0);
  REQUIRE(stuck.failure == Failure::kDeadlock);
  const auto start = std::to_string(run(1).report.sections[0].start());
  REQUIRE(
      stuck.error ==
      "section 0: nothing can move\n"
      "context 0 'chicken' (time " +
          start +
          ") waits for an element of link 1 (empty, depth 1), written by context 1\n"
          "context 1 (time " +
          start +
          ") waits for an element of link 0 (empty, depth 1), written by context 0 'chicken'\n");
}

TEST_CASE("a changed stage or sink changes the answer", "[chip]") {
  const rdu_hw_arch arch = chip("sara20");
  const auto sum = [&](void (*change)(rdu_hw::image::Section&)) {
    rdu_hw::image::Program program = dot(arch);
    change(program.sections[0]);
    Machine machine(arch, program);
    std::vector<std::uint32_t> a(256), b(256);
    std::iota(a.begin(), a.end(), 1);
    std::iota(b.begin(), b.end(), 1000);
    machine.put(0, a);
    machine.put(1, b);
    machine.report();
    return machine.word(2);
  };
  std::uint32_t products = 0, squares = 0, sums = 0;
  for (std::uint32_t i = 0; i < 256; ++i) {
    products += (1 + i) * (1000 + i);
    squares += (1000 + i) * (1000 + i);
    sums += 1001 + 2 * i;
  }
  CHECK(sum([](rdu_hw::image::Section&) {}) == products);
  CHECK(sum([](rdu_hw::image::Section& s) {
          s.contexts[6].instructions[0].code = RDU_HW_OP_ADD_I32;
        }) == sums);
  CHECK(sum([](rdu_hw::image::Section& s) { s.contexts[6].instructions[0].operands[0] = in(1); }) ==
        squares);
  const auto subtract = [](rdu_hw::image::Section& s) {
    s.contexts[6].instructions[0].code = RDU_HW_OP_SUB_I32;
  };
  CHECK(sum(subtract) == std::uint32_t(-999 * 256));
  CHECK(sum([](rdu_hw::image::Section& s) {
          s.contexts[6].instructions[0].code = RDU_HW_OP_SUB_I32;
          std::swap(s.links[4].sinks, s.links[5].sinks);
        }) == 999 * 256);
}
