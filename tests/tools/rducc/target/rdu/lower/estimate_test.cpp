// What the compiler says that a run takes, beside what the second engine counts.
#include <catch2/catch.hpp>

#include "tests/tools/rducc/graphs.hpp"
#include "tests/tools/rducc/target/rdu/lower/chip_run.hpp"

using namespace rducc::test;
using rducc::ir::along;

namespace {

// Several sections on any schedule that goes node by node.
Variant layers() {
  TestGraph g;
  auto& b = g.b();
  const ValueId x = g.input({1, 4, 12, 12});
  const ValueId first = conv(b, x, g.weights({8, 4, 3, 3}, 1), 1);
  const ValueId second = conv(b, first, g.weights({6, 8, 3, 3}, 2), 0);
  g.output(b.map(RDU_DTYPE_F32, {1, 6, 10, 10},
                 {b.read(second, {along(0), along(1), along(2), along(3)})}, unary(RDU_OP_EXP)));
  const ValueId rows = g.input({40, 64});
  g.output(matmul(b, rows, g.weights({64, 48}, 3)));
  return g.variant();
}

}  // namespace

TEST_CASE("estimates are within a factor of two of what is counted") {
  const Variant model = layers();
  for (const char* chip : {"edge", "plasticine", "sn10"}) {
    const auto run = rdu_test::run_on_chip(model, std::string(chip) + "?schedule=kernel");
    const auto estimated = static_cast<double>(run.report.estimated_cycles);
    const auto counted = static_cast<double>(run.cycles);
    INFO(chip << ": estimated " << estimated << ", counted " << counted);
    CHECK(estimated > counted / 2);
    CHECK(estimated < counted * 2);
  }
}

TEST_CASE("a chip with slower memory is estimated to take longer") {
  const Variant model = layers();
  const auto estimate = [&](const std::string& chip) {
    return rdu_test::run_on_chip(model, chip).report.estimated_cycles;
  };
  CHECK(estimate("plasticine?dram.channels=1") > estimate("plasticine"));
}
