// What stays on a chip from run to run, and what is handed from kernel to kernel.
#include "tools/rducc/target/rdu/lower/residents.hpp"

#include <catch2/catch.hpp>

#include "tests/tools/rducc/graphs.hpp"
#include "tests/tools/rducc/target/rdu/lower/chip_run.hpp"

using namespace rducc::test;
using rdu_test::ChipRun;
using rdu_test::run_on_chip;
using rducc::ir::along;
using rducc::ir::identity_access;
using rducc::rdu::lower::choose_residents;
using rducc::rdu::lower::ResidentWish;

namespace {

using Stays = std::vector<std::vector<bool>>;

// Two products with a map between, and weights of 40 kB.
Variant products() {
  TestGraph g;
  const ValueId x = g.input({40, 64});
  const ValueId y = matmul(g.b(), x, g.weights({64, 80}, 1));
  const ValueId z =
      g.b().map(RDU_DTYPE_F32, {40, 80}, {g.b().read(y, identity_access(2))}, unary(RDU_OP_ABS));
  g.output(matmul(g.b(), z, g.weights({80, 64}, 2)));
  return g.variant();
}

}  // namespace

TEST_CASE(
    "all that could stay in one section stays, but for what would take scratchpads that are not "
    "there") {
  const ResidentWish wish{10, {{100, 64, false}, {400, 64, false}, {50, 64, true}, {60, 64, true}}};
  CHECK(choose_residents({wish}, {12, 1, 1000}) == Stays{{true, true, true, true}});
  CHECK(choose_residents({wish}, {11, 1, 1000}) == Stays{{true, true, false, true}});
  // What is used anyway stays, however few are allowed.
  CHECK(choose_residents({wish}, {0, 1, 1000}) == Stays{{true, true, false, false}});
}

TEST_CASE("a scratchpad keeps a tile of each section while they fit") {
  const ResidentWish a{4, {{100, 600, false}, {90, 300, false}}}, b{4, {{80, 500, false}}};
  CHECK(choose_residents({a, b}, {10, 1, 1000}) == Stays{{true, true}, {true}});
  // Into the one that has more left: 700 of 1000.
  CHECK(choose_residents({a, b}, {10, 1, 800}) == Stays{{true, true}, {true}});
  const ResidentWish c{3, {{80, 900, false}}};
  CHECK(choose_residents({a, c}, {4, 1, 1000}) == Stays{{true, true}, {false}});
  // One more, where sections can spare it.
  CHECK(choose_residents({a, c}, {5, 1, 1000}) == Stays{{true, true}, {true}});
}

TEST_CASE("no section gets fewer scratchpads than it needs for what stays of others") {
  const ResidentWish many{6, {{9, 8, false}, {8, 8, false}, {7, 8, false}}}, none{9, {}};
  CHECK(choose_residents({many, none}, {12, 1, 64}) == Stays{{true, true, true}, {}});
  CHECK(choose_residents({many, none}, {11, 1, 64}) == Stays{{true, true, false}, {}});
  CHECK(choose_residents({many, none}, {9, 1, 64}) == Stays{{false, false, false}, {}});
  // Half of three.
  CHECK(choose_residents({many, none}, {12, 0.5, 64}) == Stays{{true, true, false}, {}});
}

TEST_CASE("weights stay on the chip, and a run loads its input alone") {
  const Variant variant = products();
  for (const std::string chip : {"plasticine", "sn10", "edge"}) {
    INFO(chip);
    const ChipRun kernel = run_on_chip(variant, chip + "?schedule=kernel");
    const ChipRun spatial = run_on_chip(variant, chip + "?schedule=spatial");
    CHECK(kernel.setup_sections == 0);
    CHECK(spatial.setup_sections > 0);
    CHECK(spatial.outputs == kernel.outputs);
    if (chip == "edge") continue;
    CHECK(spatial.report.num_chip_sections == 1);
    // Operands of no row group, and one result.
    CHECK(spatial.transfers < kernel.transfers);
  }
}

TEST_CASE("tables that fit are looked up on the chip") {
  TestGraph g;
  const ValueId index = g.input({12}, RDU_DTYPE_I64);
  const ValueId table = g.weights({50, 24}, 1);
  rducc::ir::Index row;
  row.source = index;
  row.source_access = {along(0)};
  row.outside = RDU_OUTSIDE_WRAP;
  const ValueId rows =
      g.b().map(RDU_DTYPE_F32, {12, 24}, {g.b().read(table, {row, along(1)})}, unary(RDU_OP_ABS));
  g.output(g.b().map(RDU_DTYPE_F32, {12, 24}, {g.b().read(rows, identity_access(2))},
                     unary(RDU_OP_NEG)));
  for (const std::string chip : {"plasticine", "sn10"}) {
    INFO(chip);
    const ChipRun kernel = run_on_chip(g.variant(), chip + "?schedule=kernel");
    const ChipRun spatial = run_on_chip(g.variant(), chip + "?schedule=spatial");
    CHECK(spatial.setup_sections == 1);
    CHECK(spatial.transfers == 2);
    CHECK(spatial.outputs == kernel.outputs);
  }
}

TEST_CASE("what kernels hand on stays in scratchpads") {
  const Variant variant = products();
  for (const std::string chip : {"plasticine", "sn10"}) {
    INFO(chip);
    const ChipRun kernel = run_on_chip(variant, chip + "?schedule=kernel");
    const ChipRun handed = run_on_chip(variant, chip + "?schedule=kernel-sram");
    CHECK(handed.report.num_chip_sections == kernel.report.num_chip_sections);
    CHECK(handed.setup_sections == 0);
    CHECK(handed.transfers < kernel.transfers);
    CHECK(handed.outputs == kernel.outputs);
  }
}
